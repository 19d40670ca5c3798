import type { SessionEvent } from 'hookline'

/** A command that runs on while the model has finished, as Stop hooks are told of it. */
export interface BackgroundTask {
  readonly id: string
  readonly type: 'shell'
  readonly status: 'running'
  readonly description: string
  readonly command: string
}

/** Keeps the commands that have begun and not ended, from what the session shows of them. */
export class BackgroundTasks {
  readonly #running = new Map<string, BackgroundTask>()

  /** Takes any event of the session. */
  follow(event: SessionEvent): void {
    if (event.type !== 'item_started' && event.type !== 'item_completed') return
    const { item } = event
    if (item.type !== 'command_execution') return
    if (event.type === 'item_completed') {
      this.#running.delete(item.id)
      return
    }
    const { id, command } = item
    this.#running.set(id, { id, type: 'shell', status: 'running', description: command, command })
  }

  list(): readonly BackgroundTask[] {
    return [...this.#running.values()]
  }
}
