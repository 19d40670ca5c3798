import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { editText } from './edit.ts'
import { FileView, type FileFacts, type Found, type Outcome, type Slot } from './file-view.ts'
import type { Hunk, UpdateHunk } from './parse.ts'
import { PatchFault, reasonOf } from './patch-fault.ts'

/** One thing to do on the disk. Paths have all their links resolved; `shown` is the path for messages. */
export type Step =
  | { readonly kind: 'remove'; readonly path: string; readonly shown: string }
  | {
      readonly kind: 'write'
      readonly path: string
      readonly shown: string
      readonly text: string
      /** What stands there now. */
      readonly replaces: 'nothing' | 'file' | 'link'
      readonly facts: FileFacts | undefined
    }

export interface PlanOptions {
  /** What relative paths are relative to. */
  readonly cwd: string
  /** False for files whose content may not be read; asked with links resolved. */
  readonly mayRead?: (path: string) => Promise<boolean>
}

function current(slot: Slot): Found | Outcome {
  return slot.outcome ?? slot.found
}

function factsOf(slot: Slot): FileFacts | undefined {
  const state = current(slot)
  return state.kind === 'file' || state.kind === 'text' ? state.facts : undefined
}

function canBeWritten(slot: Slot): boolean {
  const { kind } = current(slot)
  return kind === 'absent' || kind === 'file' || kind === 'text'
}

async function readText(slot: Slot, path: string, options: PlanOptions): Promise<string> {
  const state = current(slot)
  if (state.kind === 'text') return state.text
  const unreadable = (why: string) =>
    new PatchFault(`Failed to read file to update ${path}: ${why}`)
  if (state.kind === 'absent') throw unreadable('No such file or directory (os error 2)')
  if (state.kind !== 'file') throw unreadable(`path \`${path}\` is not a file`)
  if ((await options.mayRead?.(slot.path)) === false)
    throw unreadable('the policy denies reading it')
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return decoder.decode(await readFile(slot.path))
  } catch (error) {
    throw unreadable(error instanceof TypeError ? 'it is not valid UTF-8 text' : reasonOf(error))
  }
}

async function planUpdate(view: FileView, hunk: UpdateHunk, options: PlanOptions): Promise<void> {
  const path = resolve(options.cwd, hunk.path)
  const slot = await view.target(path)
  const text = editText(await readText(slot, path, options), hunk.chunks, path)
  const facts = factsOf(slot)
  const source = await view.entry(path)
  const moveTo = hunk.moveTo === undefined ? undefined : resolve(options.cwd, hunk.moveTo)
  const goal = moveTo === undefined ? slot : await view.target(moveTo)
  if (!canBeWritten(goal)) throw new PatchFault(`Failed to write file ${moveTo ?? path}`)
  goal.outcome = { kind: 'text', text, facts }
  // A file that is moved onto itself is only changed.
  if (moveTo !== undefined && source !== goal) source.outcome = { kind: 'absent' }
}

async function planHunk(view: FileView, hunk: Hunk, options: PlanOptions): Promise<void> {
  if (hunk.kind === 'update') return planUpdate(view, hunk, options)
  const path = resolve(options.cwd, hunk.path)
  if (hunk.kind === 'add') {
    const slot = await view.target(path)
    if (!canBeWritten(slot)) throw new PatchFault(`Failed to write file ${path}`)
    slot.outcome = { kind: 'text', text: hunk.text, facts: factsOf(slot) }
    return
  }
  const slot = await view.entry(path)
  const { kind } = current(slot)
  if (kind !== 'file' && kind !== 'link' && kind !== 'text') {
    throw new PatchFault(`Failed to delete file ${path}`)
  }
  slot.outcome = { kind: 'absent' }
}

function stepOf({ path, shown, found, outcome }: Slot): Step | undefined {
  if (outcome === undefined) return undefined
  const isThere = found.kind === 'file' || found.kind === 'link'
  if (outcome.kind === 'absent') return isThere ? { kind: 'remove', path, shown } : undefined
  const replaces = found.kind === 'file' || found.kind === 'link' ? found.kind : 'nothing'
  return { kind: 'write', path, shown, text: outcome.text, replaces, facts: outcome.facts }
}

async function checkWritable(step: Step): Promise<void> {
  if (step.kind !== 'write' || step.replaces !== 'file') return
  await access(step.path, constants.W_OK).catch((cause: unknown) => {
    throw new PatchFault(`Failed to write file ${step.shown}: it is read-only`, { cause })
  })
}

/** Checks every hunk against the file system and says what is to be done; throws a PatchFault. Changes nothing. */
export async function planPatch(
  hunks: readonly Hunk[],
  options: PlanOptions,
): Promise<readonly Step[]> {
  if (hunks.length === 0) throw new PatchFault('No files were modified.')
  const view = new FileView()
  for (const hunk of hunks) await planHunk(view, hunk, options)
  const steps = view
    .changed()
    .map(stepOf)
    .filter((step) => step !== undefined)
  for (const step of steps) await checkWritable(step)
  return steps
}
