import { HooklineError } from './errors.ts'

/** Names a kind of service and carries the type of what is provided under it. */
export interface ServiceKey<T> {
  readonly id: string
  /** Only for the type checker; never set. */
  readonly type?: T
}

/** Makes a key. Keys with the same id are the same key. */
export function serviceKey<T>(id: string): ServiceKey<T> {
  return Object.freeze({ id })
}

interface Entry {
  readonly owner: string
  readonly factory: () => unknown
  made: { readonly value: unknown } | undefined
  withdrawn: boolean
}

/** An implementation and who provides it. */
export interface Offer<T> {
  readonly owner: string
  readonly factory: () => T
  /** Takes the place of an id that is taken; disposing it gives the place back. */
  readonly replaces?: boolean
}

/** Implementations by key and id. Each is made when it is first asked for, once. */
export class Services {
  readonly #byKey = new Map<string, Map<string, Entry>>()

  provide<T>(key: ServiceKey<T>, id: string, offer: Offer<T>): Disposable {
    const entries = this.#byKey.get(key.id) ?? new Map<string, Entry>()
    this.#byKey.set(key.id, entries)
    const taken = entries.get(id)
    if (taken && !offer.replaces) {
      throw new HooklineError(
        'SERVICE_TAKEN',
        `${key.id} "${id}" is provided by "${taken.owner}" already`,
        {
          plugin: offer.owner,
          hint: `choose another id, say replaces: true, or leave "${taken.owner}" out with [builtins] disable`,
        },
      )
    }
    const entry: Entry = {
      owner: offer.owner,
      factory: offer.factory,
      made: undefined,
      withdrawn: false,
    }
    entries.set(id, entry)
    return {
      [Symbol.dispose]: () => {
        entry.withdrawn = true
        if (entries.get(id) !== entry) return
        if (taken && !taken.withdrawn) entries.set(id, taken)
        else entries.delete(id)
      },
    }
  }

  find<T>(key: ServiceKey<T>, id: string): T | undefined {
    const entry = this.#byKey.get(key.id)?.get(id)
    if (!entry) return undefined
    entry.made ??= { value: entry.factory() }
    // Provided under the same key, so `provide` has checked the type.
    return entry.made.value as T
  }

  get<T>(key: ServiceKey<T>, id: string): T {
    const found = this.find(key, id)
    if (found !== undefined) return found
    const known = this.ids(key)
    throw new HooklineError('SERVICE_MISSING', `no ${key.id} is called "${id}"`, {
      hint: known.length > 0 ? `known: ${known.join(', ')}` : `no plugin provides a ${key.id}`,
      details: { key: key.id, id, known },
    })
  }

  ids<T>(key: ServiceKey<T>): readonly string[] {
    return [...(this.#byKey.get(key.id)?.keys() ?? [])]
  }
}
