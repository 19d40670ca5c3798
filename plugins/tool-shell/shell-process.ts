import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { ProcessExit, Running } from 'hookline'
import { BoundedText } from './bounded-text.ts'

/** Characters kept of the output of one command. */
const keptOutput = 16 * 1024 * 1024

/** Between two looks at pipes that stay open after the exit, in ms. */
const lookAgainMs = 4
/** How long a program that was left behind may go on talking before it is not listened to, in ms. */
const lastWordsMs = 60

/** The exit code as a shell would give it: 128 and the number for a signal. */
function exitCodeOf(exit: ProcessExit): number {
  if (exit.code !== undefined) return exit.code
  const signals: Readonly<Record<string, number>> = constants.signals
  return 128 + (signals[exit.signal ?? ''] ?? 0)
}

/** How a wait for a process ended. */
export type WaitResult = 'exited' | 'running' | 'aborted'

/** A started command and what it has written so far. */
export class ShellProcess {
  /** Settles when the process has ended and its output is complete. */
  readonly finished: Promise<void>
  /** Everything written, the middle left out where it is too much. */
  readonly output = new BoundedText(keptOutput)
  readonly #running: Running
  readonly #onText: (text: string) => void
  /** Absent until something was handed over: before that, it is all output. */
  #unread: BoundedText | undefined
  readonly #hushed: (() => void)[] = []
  readonly #closed: Promise<unknown>
  #received = 0
  #exit: ProcessExit | undefined

  constructor(running: Running, onText: (text: string) => void) {
    this.#running = running
    this.#onText = onText
    // A program that closes its input while somebody writes is no fault of the session.
    running.stdin.on('error', () => {})
    this.#closed = Promise.all([this.#listen(running.stdout), this.#listen(running.stderr)])
    this.finished = this.#finish()
  }

  /** Absent while it runs. */
  get exitCode(): number | undefined {
    return this.#exit && exitCodeOf(this.#exit)
  }

  /** Hands over what was written since the last time, and how many characters of it were left out. */
  take(): { readonly text: string; readonly dropped: number } {
    const unread = this.#unread ?? this.output
    this.#unread = new BoundedText(keptOutput)
    return { text: unread.text(), dropped: unread.dropped }
  }

  closeInput(): void {
    this.#running.stdin.end()
  }

  write(chars: string): void {
    if (!this.#running.stdin.writableEnded) this.#running.stdin.write(chars)
  }

  /** Ends the process and everything it has started. */
  async kill(): Promise<void> {
    await this.#running.kill()
  }

  /** Settles when nobody holds its pipes any more, not even a program it has left behind. */
  async deserted(): Promise<void> {
    await this.#closed
  }

  /** Waits until the process has ended, the time is up or the signal fires, whichever is first. */
  wait(timeMs: number, signal: AbortSignal): Promise<WaitResult> {
    if (signal.aborted) return Promise.resolve('aborted')
    return new Promise((resolve) => {
      const settle = (result: WaitResult) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        resolve(result)
      }
      const abort = () => settle('aborted')
      const timer = setTimeout(() => settle('running'), timeMs)
      signal.addEventListener('abort', abort, { once: true })
      void this.finished.then(() => settle('exited'))
    })
  }

  async #finish(): Promise<void> {
    const exit = await this.#running.exited
    await this.#lastWords()
    for (const hush of this.#hushed) hush()
    this.#exit = exit
  }

  /**
   * Reads what is left in the pipes. Where a program that was left behind holds them open, a moment
   * without output is the end: whoever starts a server with `&` does not wait for it.
   */
  #lastWords(): Promise<void> {
    return new Promise((resolve) => {
      const until = performance.now() + lastWordsMs
      let seen = -1
      let timer: NodeJS.Timeout | undefined
      let done = false
      const finish = () => {
        done = true
        clearTimeout(timer)
        resolve()
      }
      const look = () => {
        if (done) return
        if (seen === this.#received || performance.now() > until) return finish()
        seen = this.#received
        // By way of an immediate, so that waiting pipes are read at least once however busy the process is.
        timer = setTimeout(() => setImmediate(look), lookAgainMs)
      }
      void this.#closed.then(finish)
      look()
    })
  }

  /** Collects a stream until it ends or nobody listens any more; settles when it is closed. */
  #listen(stream: Readable): Promise<void> {
    const decoder = new StringDecoder('utf8')
    let listening = true
    const take = (text: string) => {
      if (text === '' || !listening) return
      this.output.append(text)
      this.#unread?.append(text)
      this.#onText(text)
    }
    stream.on('data', (chunk: Buffer) => {
      this.#received += chunk.length
      take(decoder.write(chunk))
    })
    const hush = () => {
      take(decoder.end())
      listening = false
    }
    this.#hushed.push(hush)
    return new Promise((resolve) => {
      const close = () => {
        hush()
        resolve()
      }
      stream.once('end', close)
      stream.once('close', close)
      // A terminal whose other side is gone ends with an error.
      stream.on('error', close)
    })
  }
}
