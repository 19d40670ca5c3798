import { setTimeout as delay } from 'node:timers/promises'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import { messageOf, type Log } from 'hookline'
import { MessageLines } from './message-lines.ts'
import { describeExit, type ServerProcess } from './server-process.ts'

/** What a server may leave unread of what it was sent. */
const mostUnreadBytes = 64 * 1024 * 1024
/** How long pipes are read on after the end of the process: what it started may hold them open for good. */
const drainMs = 100
const mostGarbage = 20

function isMessage(value: unknown): value is JSONRPCMessage & { readonly method?: string } {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value
}

/** Notifications that nobody here acts on; a server may send any number of them. */
function isIdle(message: { readonly method?: string }): boolean {
  return (
    message.method === 'notifications/message' ||
    message.method === 'notifications/resources/updated'
  )
}

/** JSON-RPC over the pipes of a process that may do anything: die, write nonsense, flood, or read nothing. */
export class PipeTransport implements Transport {
  onclose: Transport['onclose']
  onerror: Transport['onerror']
  onmessage: Transport['onmessage']
  readonly #process: ServerProcess
  readonly #log: Log
  readonly #lines = new MessageLines()
  readonly #end = Promise.withResolvers<string>()
  #closed = false
  #fault: string | undefined
  #garbage = 0

  constructor(process: ServerProcess, log: Log) {
    this.#process = process
    this.#log = log
  }

  /** Settles with why the connection is over. */
  get ended(): Promise<string> {
    return this.#end.promise
  }

  /** Why the server's side is over; undefined: it is not, or this side has closed it. */
  get fault(): string | undefined {
    return this.#fault
  }

  start(): Promise<void> {
    const { stdout, exited } = this.#process.running
    stdout.on('data', (piece: Buffer) => this.#take(piece))
    stdout.once('end', () => void this.#lost())
    void exited.then(() => setTimeout(() => void this.#lost(), drainMs).unref())
    return Promise.resolve()
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#process.running
    if (this.#closed) return Promise.reject(new Error('the connection is closed'))
    if (stdin.writableLength > mostUnreadBytes) {
      void this.#finish('it does not read what it is sent')
      return Promise.reject(new Error('it does not read what it is sent'))
    }
    stdin.write(`${JSON.stringify(message)}\n`)
    return Promise.resolve()
  }

  close(): Promise<void> {
    return this.#finish(undefined)
  }

  #take(piece: Buffer): void {
    if (this.#closed) return
    try {
      for (const line of this.#lines.take(piece)) this.#read(line)
    } catch (error) {
      void this.#finish(messageOf(error))
    }
  }

  #read(line: string): void {
    if (line.trim() === '') return
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {
      message = undefined
    }
    if (!isMessage(message)) this.#note(line)
    else if (!isIdle(message)) this.onmessage?.(message)
  }

  #note(line: string): void {
    this.#garbage += 1
    if (this.#garbage <= mostGarbage) this.#log.debug(`not a message: ${line.slice(0, 200)}`)
  }

  /** The process has ended, or has closed its stdout, after which nothing can be learnt from it. */
  async #lost(): Promise<void> {
    if (this.#closed) return
    const { exited } = this.#process.running
    const exit = await Promise.race([exited, delay(drainMs, undefined, { ref: false })])
    const words = this.#process.lastWords()
    const how = exit ? describeExit(exit) : 'it closed its stdout'
    await this.#finish(words === '' ? how : `${how}: ${words}`)
  }

  async #finish(fault: string | undefined): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#fault = fault
    this.#end.resolve(fault ?? 'the connection was closed')
    this.onclose?.()
    const { running } = this.#process
    running.stdin.end()
    running.stdout.destroy()
    await running.kill()
  }
}
