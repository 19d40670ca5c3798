import type { Readable } from 'node:stream'

const longestLine = 4 * 1024 * 1024
const keptOfStderr = 2_000

/** What a reader tells. */
export interface LineListener {
  /** A line that is not blank, without its end. */
  line(line: string): void
  /** A line grew too long; nothing more is told. */
  overflow(): void
}

/** Reads what a process writes: stdout line by line, of stderr only the end is kept. */
export class LineReader {
  readonly #streams: readonly Readable[]
  readonly #listener: LineListener
  /** Settles when nobody holds the process's stdout any more. */
  readonly ended: Promise<void>
  #partial = ''
  #stderr = ''
  #isClosed = false

  constructor(
    { stdout, stderr }: { readonly stdout: Readable; readonly stderr: Readable },
    listener: LineListener,
  ) {
    this.#streams = [stdout, stderr]
    this.#listener = listener
    this.ended = new Promise((resolve) => stdout.once('close', resolve))
    for (const stream of this.#streams) stream.setEncoding('utf8')
    stdout.on('data', (text: string) => this.#take(text))
    stderr.on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptOfStderr)
    })
  }

  /** The end of what it wrote there. */
  get stderr(): string {
    return this.#stderr.trim()
  }

  close(): void {
    this.#isClosed = true
    for (const stream of this.#streams) stream.destroy()
  }

  #take(text: string): void {
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = (this.#partial + text.slice(from, end)).trim()
      this.#partial = ''
      from = end + 1
      if (line !== '' && !this.#isClosed) this.#listener.line(line)
    }
    this.#partial += text.slice(from)
    if (this.#partial.length <= longestLine) return
    this.close()
    this.#listener.overflow()
  }
}
