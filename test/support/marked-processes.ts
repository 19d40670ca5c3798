import { readdirSync, readFileSync } from 'node:fs'

/** The variable that commands inherit from the run that a test has started. */
export const markVariable = 'HOOKLINE_TEST_MARK'

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}

/** The processes that run with this mark in their environment, by their command lines. */
export function markedProcesses(mark: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, 'environ').includes(`${markVariable}=${mark}`))
    .filter((pid) => !/\) [ZX] /.test(read(pid, 'stat')))
    .map((pid) => `${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ').trim()}`)
}

/** Ends what a test has left over. */
export function endMarked(mark: string): void {
  for (const line of markedProcesses(mark)) process.kill(Number.parseInt(line, 10), 'SIGKILL')
}
