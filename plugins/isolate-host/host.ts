/**
 * The process that holds the isolates, so that whatever a script does to it leaves the command alone. Started with the
 * path of the addon as its only argument. Ends when its stdin does; always by SIGKILL, because V8 may crash when a
 * process winds down while isolates run.
 */
import { writeSync } from 'node:fs'
import { Evaluation } from './evaluation.ts'
import { IsolatePool, type Addon, type PreparedIsolate } from './pool.ts'
import {
  encodeMessage,
  lineReader,
  type EvaluateMessage,
  type HostMessage,
  type ParentMessage,
} from './protocol.ts'

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('killed')
}

function send(message: HostMessage): void {
  let rest = Buffer.from(encodeMessage(message))
  while (rest.length > 0) rest = rest.subarray(writeSync(1, rest))
}

function loadAddon(file: string): Addon {
  const module: { readonly exports: { readonly ivm?: Addon } } = { exports: {} }
  process.dlopen(module, file)
  if (module.exports.ivm === undefined) throw new Error(`${file} is not the addon of isolated-vm`)
  return module.exports.ivm
}

/** The process itself with its spare isolates. */
const ownMiB = 256
/** An isolate may take a few times its limit before V8 notices. */
const tolerance = 4
const tidyAfterMs = 2

function serve(addon: Addon): void {
  const pool = new IsolatePool(addon, die)
  const running = new Map<number, Evaluation>()
  // A few built-in functions pass the limit of an isolate and cannot be interrupted.
  const isStarving = () => {
    const allowed = running.values().reduce((sum, { message }) => sum + message.memoryMiB, 0)
    return process.memoryUsage.rss() / 1024 / 1024 > ownMiB + tolerance * allowed
  }
  const used: PreparedIsolate[] = []
  let tidying: NodeJS.Timeout | undefined
  const tidy = () => {
    tidying = undefined
    for (const isolate of used.splice(0)) isolate.dispose()
    // A thread or memory for a spare may be missing now; the next run finds out for itself.
    pool.refill(() => running.size === 0).catch(() => {})
  }
  const evaluate = async (message: EvaluateMessage) => {
    const evaluation = new Evaluation(message, { pool, isStarving, send })
    running.set(message.cell, evaluation)
    const isolate = await evaluation.run()
    running.delete(message.cell)
    if (isolate) used.push(isolate)
    // What is busy right after an answer keeps its reader from the processor.
    tidying ??= setTimeout(tidy, tidyAfterMs)
  }
  const onLine = (line: string) => {
    // The command itself wrote it.
    const message = JSON.parse(line) as ParentMessage
    if (message.type === 'cancel') running.get(message.cell)?.cancel()
    else void evaluate(message)
  }
  process.stdin.on('data', lineReader({ onLine }))
  send({ type: 'ready' })
  tidy()
}

process.stdin.setEncoding('utf8')
for (const event of ['end', 'close', 'error']) process.stdin.on(event, die)
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`, die)
})

try {
  serve(loadAddon(process.argv[2] ?? ''))
} catch (error) {
  send({ type: 'unusable', reason: error instanceof Error ? error.message : String(error) })
}
