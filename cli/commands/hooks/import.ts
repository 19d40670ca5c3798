import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { HooklineError, type SessionFacts } from 'hookline'
import { projectRoot, readIfThere, realpathWithin, writeFileAtomic } from 'hookline/kit'
import { textFlag, type ParsedWords } from '../../exec-flags.ts'
import { mergeHooks, type Merged } from '../../hooks/import/merge-hooks.ts'
import {
  foreignFiles,
  readForeignHooks,
  type ForeignHooks,
  type ForeignProduct,
} from '../../hooks/import/read-foreign-hooks.ts'
import { unifiedDiff } from '../../render/unified-diff.ts'
import { visible } from '../../render/visible.ts'
import { hooksFlags, printJson, printLines, withHooks, type HooksCall } from './hooks-session.ts'

export const flags = {
  ...hooksFlags,
  from: { type: 'string', value: 'codex|claude', help: 'Whose hooks.' },
  to: {
    type: 'string',
    value: 'user|project',
    help: 'Whose hooks.json, and whose hooks; default user.',
  },
  apply: { type: 'boolean', help: 'Write the file.' },
} as const

function productOf(parsed: ParsedWords): ForeignProduct {
  const from = textFlag(parsed, 'from')
  if (from === 'codex' || from === 'claude') return from
  throw new HooklineError('USAGE', 'hooks import needs to know whose hooks are meant', {
    hint: 'give --from codex or --from claude',
  })
}

function levelOf(parsed: ParsedWords): 'user' | 'project' {
  const to = textFlag(parsed, 'to') ?? 'user'
  if (to === 'user' || to === 'project') return to
  throw new HooklineError('USAGE', `hooks cannot be put into "${to}"`, {
    hint: 'give --to user or --to project',
  })
}

interface Plan {
  readonly product: ForeignProduct
  readonly target: string
  readonly found: readonly ForeignHooks[]
  readonly before: string | undefined
  readonly merged: Merged
}

async function makePlan(parsed: ParsedWords, session: SessionFacts): Promise<Plan> {
  const product = productOf(parsed)
  const isProject = levelOf(parsed) === 'project'
  const root = projectRoot(session.cwd, ['.git'])
  const folder = isProject ? root : homedir()
  const named = join(isProject ? join(root, '.hookline') : session.home, 'hooks.json')
  // Whoever wrote a project may have put a link there.
  const target = isProject ? await realpathWithin(root, named) : named
  const found = await readForeignHooks(product, folder)
  if (found.length === 0) {
    const files = foreignFiles(product, folder).join(' nor in ')
    throw new HooklineError('HOOKS_INVALID', `there is no hook in ${files}`, {
      hint: isProject
        ? 'give --to user for your own hooks'
        : 'give --to project for those of a project',
    })
  }
  const before = await readIfThere(target)
  const merged = mergeHooks(before, found, { file: target, dialect: product })
  return { product, target, found, before, merged }
}

async function write({ target, merged }: Plan): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await writeFileAtomic(target, merged.text)
}

function summary({ target, merged, product }: Plan, isApplied: boolean): readonly string[] {
  const groups = `${merged.added} group${merged.added === 1 ? '' : 's'} of hooks`
  if (merged.added === 0) return [visible(`Nothing to do: ${target} has all of them.`)]
  if (!isApplied) return [visible(`${groups} for ${target}. Write it with --apply.`)]
  return [
    visible(`Wrote ${groups} to ${target}.`),
    'They run once they are trusted: hookline hooks list, then hookline hooks trust.',
    `The files of ${product} are still read as well, so trust each hook in one place only.`,
  ]
}

/** `hookline hooks import`: shows what would be taken over from another product, and takes it over with --apply. */
export async function run(call: HooksCall): Promise<number> {
  const { parsed } = call
  const plan = await withHooks(call, (_hooks, session) => makePlan(parsed, session))
  const { target, before, merged, found, product } = plan
  const isApplied = parsed.flags['apply'] === true && merged.added > 0
  const diff = merged.added === 0 ? [] : unifiedDiff(before, merged.text, target)
  if (isApplied) await write(plan)
  if (parsed.flags['json'] === true) {
    const sources = found.map(({ file }) => file)
    const { added, known } = merged
    printJson({
      from: product,
      target,
      sources,
      added,
      known,
      applied: isApplied,
      diff: diff.join('\n'),
    })
  } else printLines([...diff.map(visible), ...summary(plan, isApplied)])
  return 0
}
