import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import {
  chmod,
  chown,
  copyFile,
  link,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileFacts } from './file-view.ts'
import { PatchFault, codeOf, reasonOf } from './patch-fault.ts'
import type { Step } from './plan.ts'

type WriteStep = Extract<Step, { kind: 'write' }>
type Undo = () => Promise<void>

/** What was done so far, and how to take it back. */
interface Journal {
  readonly undo: Undo[]
  /** Old versions, kept beside the new ones until all is done. */
  readonly kept: string[]
  /** A single step is whole or not at all by itself. */
  readonly isAlone: boolean
}

const inPlaceCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV'])

function beside(path: string): string {
  return join(dirname(path), `.patch-${randomBytes(8).toString('hex')}`)
}

/** Refuses where a folder was replaced by a link since the plan was made. */
async function checkFolder(path: string): Promise<void> {
  const folder = dirname(path)
  if ((await realpath(folder)) !== folder) {
    throw new Error(`${folder} was replaced by a link meanwhile`)
  }
}

async function remove(step: Step, journal: Journal): Promise<void> {
  await checkFolder(step.path)
  if (journal.isAlone) return unlink(step.path)
  await setAside(step.path, journal)
}

async function setAside(path: string, journal: Journal): Promise<void> {
  const kept = beside(path)
  await rename(path, kept)
  journal.undo.push(() => rename(kept, path))
  journal.kept.push(kept)
}

async function makeFolder(folder: string, journal: Journal): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  journal.undo.push(async () => {
    let empty = folder
    for (; empty.length > first.length; empty = dirname(empty)) await rmdir(empty)
    await rmdir(first)
  })
}

async function takeOver(path: string, facts: FileFacts): Promise<void> {
  const isOurs = facts.uid === process.geteuid?.() && facts.gid === process.getegid?.()
  if (!isOurs) await chown(path, facts.uid, facts.gid)
  await chmod(path, facts.mode)
}

/** Writes the new version beside the old one; undefined where only the file itself can be written. */
async function stage(step: WriteStep, journal: Journal): Promise<string | undefined> {
  await makeFolder(dirname(step.path), journal)
  await checkFolder(step.path)
  const staged = beside(step.path)
  journal.undo.push(() => rm(staged, { force: true }))
  try {
    await writeFile(staged, step.text, { flag: 'wx' })
    if (step.facts) await takeOver(staged, step.facts)
    return staged
  } catch (error) {
    await rm(staged, { force: true })
    if (step.replaces === 'file' && inPlaceCodes.has(codeOf(error))) return undefined
    throw error
  }
}

async function writeInPlace(step: WriteStep, journal: Journal): Promise<void> {
  const flag = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW
  const old = await readFile(step.path)
  journal.undo.push(() => writeFile(step.path, old, { flag }))
  await writeFile(step.path, step.text, { flag })
}

async function keepOld(step: WriteStep, journal: Journal): Promise<void> {
  if (step.replaces === 'link') return setAside(step.path, journal)
  const kept = beside(step.path)
  await link(step.path, kept).catch(() => copyFile(step.path, kept))
  journal.kept.push(kept)
  journal.undo.push(async () => {
    await rename(kept, step.path)
    // Renaming one name of a file to another name of the same file does nothing.
    await rm(kept, { force: true })
  })
}

async function commit(
  step: WriteStep,
  staged: string | undefined,
  journal: Journal,
): Promise<void> {
  await checkFolder(step.path)
  if (staged === undefined) return writeInPlace(step, journal)
  if (!journal.isAlone && step.replaces !== 'nothing') await keepOld(step, journal)
  try {
    await rename(staged, step.path)
  } catch (error) {
    // A file that is a mount point can be written but not replaced.
    if (step.replaces !== 'file' || !inPlaceCodes.has(codeOf(error))) throw error
    await rm(staged, { force: true })
    return writeInPlace(step, journal)
  }
  if (step.replaces === 'nothing') journal.undo.push(() => rm(step.path, { force: true }))
}

async function rollBack(journal: Journal): Promise<string> {
  let failures = ''
  for (const undo of journal.undo.toReversed()) {
    await undo().catch((error: unknown) => {
      failures += `; undoing failed: ${reasonOf(error)}`
    })
  }
  return failures
}

/** Does all steps or none: what was done before a step fails is taken back. Throws a PatchFault. */
export async function applySteps(steps: readonly Step[]): Promise<void> {
  const journal: Journal = { undo: [], kept: [], isAlone: steps.length === 1 }
  const writes: { readonly step: WriteStep; readonly staged: string | undefined }[] = []
  const attempt = async (step: Step, action: () => Promise<unknown>): Promise<void> => {
    try {
      await action()
    } catch (error) {
      const what = step.kind === 'remove' ? 'delete' : 'write'
      const taken = await rollBack(journal)
      const message = `Failed to ${what} file ${step.shown}: ${reasonOf(error)}${taken}`
      throw new PatchFault(message, { cause: error })
    }
  }
  for (const step of steps) {
    if (step.kind === 'remove') await attempt(step, () => remove(step, journal))
  }
  for (const step of steps) {
    if (step.kind !== 'write') continue
    await attempt(step, async () => writes.push({ step, staged: await stage(step, journal) }))
  }
  for (const { step, staged } of writes) {
    await attempt(step, () => commit(step, staged, journal))
  }
  // All is done: an old version that cannot be removed is litter, not a failure.
  await Promise.allSettled(journal.kept.map((kept) => rm(kept, { force: true })))
}
