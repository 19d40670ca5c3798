import { StringDecoder } from 'node:string_decoder'
import type { Log, ProcessExit, Running } from 'hookline'
import { spawnTree } from 'hookline/kit'
import type { Launch } from './server-spec.ts'

const longestLine = 1000
const mostLines = 1000

/** A server's process. What it writes to stderr goes to the log. */
export interface ServerProcess {
  readonly running: Running
  /** The last line of stderr: often the reason why it ended. */
  lastWords(): string
}

/** Starts the process of a server. Throws EXEC_FAILED. */
export async function startProcess(launch: Launch, log: Log): Promise<ServerProcess> {
  const { command: file, args, cwd, env } = launch
  const running = await spawnTree({ file, args, cwd, env })
  const decoder = new StringDecoder()
  let begun = ''
  let last = ''
  let told = 0
  const tell = (line: string) => {
    const text = line.trim()
    if (text === '') return
    last = text.slice(0, longestLine)
    told += 1
    if (told <= mostLines) log.debug(`${launch.name}: ${last}`)
    if (told === mostLines) log.debug(`${launch.name}: further lines are not logged`)
  }
  running.stderr.on('data', (piece: Buffer) => {
    const lines = (begun + decoder.write(piece)).split('\n')
    begun = (lines.pop() ?? '').slice(0, longestLine)
    lines.forEach(tell)
  })
  running.stderr.once('end', () => {
    tell(begun)
    begun = ''
  })
  return { running, lastWords: () => begun.trim() || last }
}

/** How a process ended, in words that go after its name. */
export function describeExit({ code, signal }: ProcessExit): string {
  return code === undefined
    ? `it was ended by ${signal ?? 'a signal'}`
    : `it ended with exit code ${code}`
}
