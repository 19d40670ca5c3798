/**
 * The process that holds the isolates, so that whatever a script does to it leaves the command alone. Started with the
 * path of the addon as its only argument. Ends when its stdin does; always by SIGKILL, because V8 may crash when a
 * process winds down while isolates run.
 */
import { Evaluation } from './evaluation.ts'
import { MemoryWatch } from './memory-watch.ts'
import { IsolatePool, type Addon } from './pool.ts'
import { encodeMessage, lineReader, type HostMessage, type ParentMessage } from './protocol.ts'

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('killed')
}

function send(message: HostMessage): void {
  process.stdout.write(encodeMessage(message))
}

function loadAddon(file: string): Addon {
  const module: { readonly exports: { readonly ivm?: Addon } } = { exports: {} }
  process.dlopen(module, file)
  if (module.exports.ivm === undefined) throw new Error(`${file} is not the addon of isolated-vm`)
  return module.exports.ivm
}

function serve(addon: Addon): void {
  const pool = new IsolatePool(addon, die)
  const running = new Map<number, Evaluation>()
  const memory = new MemoryWatch(
    () => running.values().reduce((sum, { message }) => sum + message.memoryMiB, 0),
    () => running.forEach((evaluation) => evaluation.starve()),
  )
  const rest = () => {
    memory.stop()
    // A thread or memory for a spare may be missing now; the next run finds out for itself.
    pool.refill(() => running.size === 0).catch(() => {})
  }
  const evaluate = async (evaluation: Evaluation) => {
    running.set(evaluation.message.cell, evaluation)
    memory.start()
    await evaluation.run()
    running.delete(evaluation.message.cell)
    if (running.size === 0) setImmediate(() => running.size === 0 && rest())
  }
  const onLine = (line: string) => {
    // The command itself wrote it.
    const message = JSON.parse(line) as ParentMessage
    if (message.type === 'cancel') running.get(message.cell)?.cancel()
    else void evaluate(new Evaluation(message, { pool, send }))
  }
  process.stdin.on('data', lineReader({ onLine }))
  send({ type: 'ready' })
  rest()
}

process.stdin.setEncoding('utf8')
for (const event of ['end', 'close', 'error']) process.stdin.on(event, die)
process.stdout.on('error', die)
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`, die)
})

try {
  serve(loadAddon(process.argv[2] ?? ''))
} catch (error) {
  send({ type: 'unusable', reason: error instanceof Error ? error.message : String(error) })
}
