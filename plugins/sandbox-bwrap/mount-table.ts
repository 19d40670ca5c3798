import { dirname } from 'node:path'

/**
 * How a path looks to commands. `name`: a protected name, read-only unless it was made a writable root itself; `cover`:
 * the same for one that is missing.
 */
export type Access = 'cover' | 'name' | 'write' | 'read' | 'deny-folder' | 'deny-file'

interface Mount {
  readonly path: string
  readonly access: Access
  /** What is shown instead; the path itself without it. */
  readonly source?: string | undefined
  /** Its parents may be renamed: what holds for it need not outlast the command. */
  readonly loose?: boolean
}

const ranks: Readonly<Record<Access, number>> = {
  cover: 0,
  name: 0,
  write: 1,
  read: 2,
  'deny-folder': 3,
  'deny-file': 3,
}

/** What differs from "everything can be read, nothing written". The nearest entry above a path holds for it. */
export class MountTable {
  readonly #mounts = new Map<string, Mount>()

  add(mount: Mount): void {
    const present = this.#mounts.get(mount.path)
    if (present === undefined || ranks[mount.access] > ranks[present.access])
      this.#mounts.set(mount.path, mount)
  }

  /** What holds for a path. */
  accessOf(path: string): Access {
    for (let at = path; ; at = dirname(at)) {
      const found = this.#mounts.get(at)
      if (found) return found.access
      if (at === dirname(at)) return 'read'
    }
  }

  isWritable(path: string): boolean {
    return this.accessOf(path) === 'write'
  }

  /** The words for bubblewrap, parents first. */
  words(): readonly string[] {
    this.#pinParents()
    const sorted = [...this.#mounts.values()]
      .filter((mount) => !this.#isHidden(mount))
      .toSorted((one, other) => (one.path < other.path ? -1 : 1))
    const folders = sorted
      .filter((mount) => mount.access === 'deny-folder')
      .map((mount) => mount.path)
    // Places for what is mounted in a denied folder can be made only while it is writable.
    return [
      ...sorted.flatMap((mount) => this.#wordsOf(mount, sorted)),
      ...folders.flatMap((path) => ['--remount-ro', path]),
    ]
  }

  /**
   * A mount does not keep its parents from being renamed, and then the path leads to something else for the next
   * command. Being a mount themselves does.
   */
  #pinParents(): void {
    for (const { path, loose } of this.#mounts.values()) {
      if (loose === true) continue
      for (let at = dirname(path); !this.#mounts.has(at) && this.isWritable(at); at = dirname(at)) {
        this.#mounts.set(at, { path: at, access: 'write' })
      }
    }
  }

  #wordsOf({ path, access, source = path }: Mount, all: readonly Mount[]): readonly string[] {
    if (access === 'write') return ['--bind', source, path]
    // A device cannot be opened where bubblewrap does not ask for devices.
    if (access === 'deny-file') return ['--ro-bind', '/dev/null', path]
    if (access !== 'deny-folder') return this.#isPlain(path) ? [] : ['--ro-bind', source, path]
    const holdsOthers = all.some(
      (other) => other.path !== path && other.path.startsWith(`${path}/`),
    )
    return ['--perms', holdsOthers ? '0111' : '0000', '--tmpfs', path]
  }

  /** In a folder that is denied only writable roots are shown. */
  #isHidden({ path, access }: Mount): boolean {
    return access !== 'write' && this.accessOf(dirname(path)) === 'deny-folder'
  }

  /** Read-only anyway, like everything around it. */
  #isPlain(path: string): boolean {
    for (let at = dirname(path); ; at = dirname(at)) {
      const found = this.#mounts.get(at)
      if (found) return found.access === 'name' || found.access === 'read'
      if (at === dirname(at)) return true
    }
  }
}
