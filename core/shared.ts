import type { SharedKey } from './plugin.ts'

interface Entry {
  readonly value: Promise<object>
  users: number
}

async function dispose(value: Partial<AsyncDisposable & Disposable>): Promise<void> {
  if (value[Symbol.asyncDispose]) await value[Symbol.asyncDispose]?.()
  else value[Symbol.dispose]?.()
}

/** What the sessions of a host use together: made once, counted, disposed with the last session that uses it. */
export class SharedThings {
  readonly #entries = new Map<string, Entry>()

  /** One session's part: `get` for its plugins, disposing gives up all it asked for. */
  lease(): {
    get<T extends object>(
      key: SharedKey<T>,
      scope: string,
      create: () => T | Promise<T>,
    ): Promise<T>
  } & AsyncDisposable {
    const mine = new Set<string>()
    return {
      get: async <T extends object>(
        key: SharedKey<T>,
        scope: string,
        create: () => T | Promise<T>,
      ): Promise<T> => {
        const name = `${scope}:${key.id}`
        const entry = this.#entries.get(name) ?? { value: Promise.resolve().then(create), users: 0 }
        this.#entries.set(name, entry)
        if (!mine.has(name)) {
          mine.add(name)
          entry.users += 1
        }
        try {
          // Made by a `create` of the same key, so it has the key's type.
          return (await entry.value) as T
        } catch (error) {
          // The next attempt counts anew.
          mine.delete(name)
          if (this.#entries.get(name) === entry) this.#entries.delete(name)
          throw error
        }
      },
      [Symbol.asyncDispose]: async () => {
        await using releases = new AsyncDisposableStack()
        for (const name of mine) releases.defer(() => this.#release(name))
        mine.clear()
      },
    }
  }

  async #release(name: string): Promise<void> {
    const entry = this.#entries.get(name)
    if (!entry) return
    entry.users -= 1
    if (entry.users > 0) return
    this.#entries.delete(name)
    await dispose(await entry.value)
  }
}
