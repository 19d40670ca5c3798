import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, refusal } from './refusal.ts'

/** An empty folder where a protected name is missing, there for as long as somebody holds it. */
export interface Placeholder {
  /** What commands are shown in its place: nothing. */
  readonly empty: string
  release(): void
}

interface Held {
  users: number
  /** The user's own empty folder, which stays. */
  readonly stays: boolean
}

const markerStart = '.hookline-place-'
const held = new Map<string, Held>()
let ownMarker: string | undefined

/**
 * Holds a place for a missing name so that it can be covered. Each process keeps a folder of its own in it, hence the
 * last holder alone can remove it, and no lock is needed. `undefined`: somebody like us cannot make the name anyway.
 */
export function holdPlace(path: string): Placeholder | undefined {
  const known = held.get(path)
  if (known) known.users += 1
  else {
    const stays = enter(path)
    if (stays === undefined) return undefined
    held.set(path, { users: 1, stays })
  }
  return { empty: join(path, marker()), release: () => leave(path) }
}

/** True for an empty folder, and for one in which processes hold a place. */
export function isPlaceholder(path: string): boolean {
  return readdirSync(path).every(isMarker)
}

/** Gives up every place of this process, for its end. */
export function releasePlaces(): void {
  for (const [path, place] of held) {
    place.users = 1
    leave(path)
  }
}

const isMarker = (name: string) => name.startsWith(markerStart)

function marker(): string {
  // A worker has its own copy of this module under the same pid.
  ownMarker ??= [markerStart + pidNamespace(), process.pid, randomBytes(4).toString('hex')].join(
    '-',
  )
  return ownMarker
}

/** Pids of another container say nothing here. */
function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
}

const mostAttempts = 20

/** Makes the folder unless it is there, and our mark in it; says whether the folder stays when all have left. */
function enter(path: string): boolean | undefined {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    try {
      const isNew = makeFolder(path)
      const others = isNew ? [] : readdirSync(path)
      mkdirSync(join(path, marker()))
      removeStale(path, others)
      return !isNew && others.length === 0
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return undefined
      // Its last holder has just removed it.
      if (code !== 'ENOENT') throw refusal(`"${path}" cannot be protected`, { cause: error })
    }
  }
  throw refusal(
    `"${path}" cannot be protected: its folder is not there, or others keep removing it`,
  )
}

function leave(path: string): void {
  const place = held.get(path)
  if (!place) return
  place.users -= 1
  if (place.users > 0) return
  held.delete(path)
  removeFolder(join(path, marker()))
  if (!place.stays) removeFolder(path)
}

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** What others still hold, or have put something into, stays. */
function removeFolder(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Not ours to remove any more.
  }
}

function removeStale(path: string, names: readonly string[]): void {
  for (const name of names) if (isStale(name)) removeFolder(join(path, name))
}

/** True for the mark of a process that ended without removing it. */
function isStale(name: string): boolean {
  const [namespace, pid] = name.slice(markerStart.length).split('-')
  if (!isMarker(name) || namespace !== pidNamespace()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}
