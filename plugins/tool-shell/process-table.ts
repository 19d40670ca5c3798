import { randomInt } from 'node:crypto'
import { showEnd, type CommandRun } from './command-run.ts'

/** Commands that may run on after their call, in one session. */
export const mostSessions = 64

/** Every command of a session whose end was not told yet. */
export class ProcessTable {
  readonly #running = new Set<CommandRun>()
  readonly #left = new Set<CommandRun>()
  readonly #byId = new Map<number, CommandRun>()
  #watched: AbortSignal | undefined

  /** Makes room for one more; false when as many as there may be are running. */
  makeRoom(): boolean {
    if (this.#byId.size < mostSessions) return true
    // The model has left its end unasked for the longest.
    const ended = this.#byId.values().find((run) => run.process.exitCode !== undefined)
    if (ended) this.end(ended)
    return ended !== undefined
  }

  /** The signal of the session ends the command, wherever its call has got to. */
  add(run: CommandRun, sessionSignal: AbortSignal): void {
    this.#running.add(run)
    if (this.#watched === sessionSignal) return
    this.#watched = sessionSignal
    sessionSignal.addEventListener('abort', () => void this.close(), { once: true })
  }

  /** Gives a command that outlives its call the number it is asked for by. */
  keep(run: CommandRun): number {
    let id = randomInt(1_000, 100_000)
    while (this.#byId.has(id)) id = randomInt(1_000, 100_000)
    this.#byId.set(id, run)
    return id
  }

  find(id: number): CommandRun | undefined {
    return this.#byId.get(id)
  }

  /** Tells the end of a command, once. What it has left running stays until the session closes. */
  end(run: CommandRun): void {
    if (!this.#running.delete(run)) return
    for (const [id, kept] of this.#byId) if (kept === run) this.#byId.delete(id)
    showEnd(run)
    this.#left.add(run)
    void run.process.deserted().then(() => this.#left.delete(run))
  }

  /** Ends a command that nobody waits for any more. */
  async kill(run: CommandRun): Promise<void> {
    await run.process.kill()
    await run.process.finished
    this.end(run)
  }

  /** Ends everything, also what ended commands have left behind. */
  async close(): Promise<void> {
    const left = [...this.#left].map((run) => run.process.kill())
    const running = [...this.#running].map((run) => this.kill(run))
    await Promise.all([...left, ...running])
  }
}
