import { lstatSync, type Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ExecPlan } from 'hookline'
import { isInside, protectedNames } from 'hookline/kit'
import { matchesOf } from './denied-globs.ts'
import { firmPath, realPath } from './links.ts'
import { MountTable } from './mount-table.ts'
import { holdPlace, isPlaceholder, type Placeholder } from './placeholders.ts'
import { refusal } from './refusal.ts'
import { nestedRepositories, pointedFolders } from './repositories.ts'

/** What a policy mounts. */
export interface Mounts {
  readonly words: readonly string[]
  /** Gives up what was put in the place of missing names, once nobody runs in the sandbox any more. */
  readonly release: () => void
}

/** Works out what a plan may read and write. Throws SANDBOX_REFUSED for what mounts cannot enforce. */
export async function mountsFor(plan: ExecPlan): Promise<Mounts> {
  const { sandbox } = plan
  const work: Work = { table: new MountTable(), roots: rootsOf(plan), places: [] }
  const release = () => {
    for (const place of work.places.splice(0)) place.release()
  }
  try {
    protectRoots(work, plan)
    for (const path of sandbox.readOnlyPaths ?? []) keep(work, path)
    for (const path of sandbox.deniedReads) deny(work, realPath(path), false)
    if (sandbox.deniedReadGlobs.length > 0) {
      const bases = work.roots.length > 0 ? work.roots : [plan.cwd]
      for (const path of await matchesOf(sandbox.deniedReadGlobs, bases))
        deny(work, realPath(path), true)
    }
    return { words: work.table.words(), release }
  } catch (error) {
    release()
    throw error
  }
}

interface Work {
  readonly table: MountTable
  readonly roots: readonly string[]
  readonly places: Placeholder[]
}

/** Folders that are not files of the machine, and so are never shared with it for writing. */
const kernelFolders = ['/proc', '/sys']

/** The writable roots that exist, with their links followed. */
function rootsOf({ sandbox }: ExecPlan): readonly string[] {
  const named = sandbox.mode === 'workspace-write' ? sandbox.writableRoots : []
  const reals = named.flatMap((path) => realPath(path) ?? [])
  for (const real of reals) {
    if (real !== '/' && !kernelFolders.some((folder) => isInside(folder, real))) continue
    throw refusal(`"${real}" cannot be a writable root`, {
      hint: 'name the folders that commands write to',
    })
  }
  for (const path of named) firmPath(path, reals)
  return [...new Set(reals)]
}

function protectRoots(work: Work, { env }: ExecPlan): void {
  for (const root of work.roots) work.table.add({ path: root, access: 'write' })
  for (const root of work.roots) protectRoot(work, root)
  // Too much that is nobody's work lies in folders for temporary files.
  const temporary = new Set([realPath('/tmp'), realPath(env['TMPDIR'] ?? '/tmp')])
  for (const root of work.roots) if (!temporary.has(root)) protectNested(work, root)
}

function protectRoot(work: Work, root: string): void {
  for (const name of protectedNames) {
    const path = join(root, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats?.isSymbolicLink()) {
      throw refusal(`"${path}" is a link, which cannot be protected inside a writable folder`, {
        hint: `replace the link by what it leads to, or take "${root}" out of the writable roots`,
      })
    }
    if (stats === undefined || isEmptyFolder(path, stats)) cover(work, path)
    else work.table.add({ path, access: 'name' })
    if (name === '.git' && stats?.isFile())
      for (const folder of pointedFolders(path)) keep(work, folder)
  }
}

function isEmptyFolder(path: string, stats: Stats): boolean {
  return stats.isDirectory() && isPlaceholder(path)
}

function cover(work: Work, path: string): void {
  const place = holdPlace(path)
  if (place) {
    work.places.push(place)
    work.table.add({ path, access: 'cover', source: place.empty })
    return
  }
  // Another user's folder; where there is none, commands cannot make one either.
  if (realPath(path) !== undefined) work.table.add({ path, access: 'name' })
}

/** Repositories that the search does not find stay writable, and so do those behind a link. */
function protectNested(work: Work, root: string): void {
  for (const folder of nestedRepositories(root)) {
    const path = join(folder, '.git')
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined || stats.isSymbolicLink() || realPath(path) !== path) continue
    work.table.add({ path, access: 'name', loose: true })
    if (!stats.isFile()) continue
    for (const target of pointedFolders(path)) {
      const real = realPath(target)
      if (real !== undefined) work.table.add({ path: real, access: 'name', loose: true })
    }
  }
}

/** Keeps a path from being written, also where it does not exist yet. */
function keep(work: Work, path: string): void {
  const real = firmPath(path, work.roots)
  if (real !== undefined) {
    if (work.table.isWritable(real)) work.table.add({ path: real, access: 'read' })
    return
  }
  let missing = path
  while (realPath(dirname(missing)) === undefined) missing = dirname(missing)
  const firm = join(realPath(dirname(missing)) ?? '/', basename(missing))
  if (work.table.isWritable(firm)) cover(work, firm)
}

function deny(work: Work, real: string | undefined, loose: boolean): void {
  if (real === undefined) return
  const isFolder = lstatSync(real, { throwIfNoEntry: false })?.isDirectory() === true
  work.table.add({ path: real, access: isFolder ? 'deny-folder' : 'deny-file', loose })
}
