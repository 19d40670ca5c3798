import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { resolveLinks } from 'hookline/kit'
import { codeOf } from './patch-fault.ts'

/** What a new version of a file takes over from the old one. */
export interface FileFacts {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** What stands on the disk. `other` can neither be written nor read as a file, or cannot be reached. */
export type Found =
  | { readonly kind: 'absent' | 'link' | 'folder' | 'other' }
  | { readonly kind: 'file'; readonly facts: FileFacts }

/** What the patch makes of it. */
export type Outcome =
  | { readonly kind: 'absent' }
  | { readonly kind: 'text'; readonly text: string; readonly facts: FileFacts | undefined }

/** One name in one folder, as it is and as the patch leaves it. */
export interface Slot {
  /** With all links of its folder resolved. */
  readonly path: string
  readonly found: Found
  outcome: Outcome | undefined
  /** The path as the patch means it, for messages. */
  shown: string
}

/** The file system as a patch sees it half way: what earlier hunks did counts for later ones. */
export class FileView {
  readonly #slots = new Map<string, Slot>()

  /** Everything that a hunk has changed, in that order. */
  changed(): readonly Slot[] {
    return [...this.#slots.values()].filter((slot) => slot.outcome !== undefined)
  }

  /** The name itself: of a link the link, not what it leads to. */
  async entry(path: string): Promise<Slot> {
    const folder = await resolveLinks(dirname(path)).catch(() => undefined)
    if (folder === undefined) return unreachable(path)
    const real = join(folder, basename(path))
    const known = this.#slots.get(real)
    if (known) return Object.assign(known, { shown: path })
    const slot: Slot = {
      path: real,
      found: await this.#look(real),
      outcome: undefined,
      shown: path,
    }
    this.#slots.set(real, slot)
    return slot
  }

  /** Where writing to the path ends up: links are followed, also those that lead to nothing yet. */
  async target(path: string): Promise<Slot> {
    const slot = await this.entry(path)
    if (slot.outcome !== undefined || slot.found.kind !== 'link') return slot
    const leadsTo = await resolveLinks(slot.path).catch(() => undefined)
    if (leadsTo === undefined) return unreachable(path)
    return Object.assign(await this.entry(leadsTo), { shown: path })
  }

  async #look(path: string): Promise<Found> {
    try {
      const facts = await lstat(path)
      if (facts.isSymbolicLink()) return { kind: 'link' }
      if (facts.isDirectory()) return { kind: 'folder' }
      if (!facts.isFile()) return { kind: 'other' }
      return { kind: 'file', facts: { mode: facts.mode & 0o7777, uid: facts.uid, gid: facts.gid } }
    } catch (error) {
      const isMissing = codeOf(error) === 'ENOENT' || this.#isBelowRemoved(path)
      return { kind: isMissing ? 'absent' : 'other' }
    }
  }

  /** A file that the patch removes may become a folder. */
  #isBelowRemoved(path: string): boolean {
    const parent = dirname(path)
    if (parent === path) return false
    return this.#slots.get(parent)?.outcome?.kind === 'absent' || this.#isBelowRemoved(parent)
  }
}

function unreachable(path: string): Slot {
  return { path, found: { kind: 'other' }, outcome: undefined, shown: path }
}
