import { homedir } from 'node:os'
import { HooklineError } from 'hookline'
import type { Hooks, TrustChange } from 'hookline/plugins/command-hooks'
import { textFlag, type ParsedWords } from '../../exec-flags.ts'
import { codexRecords, trustedElsewhere } from '../../hooks/codex-trust.ts'
import { visible } from '../../render/visible.ts'
import { hooksFlags, print, printJson, withHooks, workOf, type HooksCall } from './hooks-session.ts'

export const flags = {
  ...hooksFlags,
  all: { type: 'boolean', help: 'Every hook.' },
  from: { type: 'string', value: 'codex', help: 'trust: the hooks that are trusted there.' },
} as const

type Verb = 'trust' | 'untrust'

function chosenOf(verb: Verb, { flags: given, words }: ParsedWords): readonly string[] | 'all' {
  if (given['all'] === true && words.length > 0) {
    throw new HooklineError('USAGE', `hooks ${verb} takes keys or --all, not both`, {
      hint: 'leave one of them out',
    })
  }
  if (given['all'] === true) return 'all'
  if (words.length > 0) return words
  throw new HooklineError('USAGE', `hooks ${verb} needs to know which hooks are meant`, {
    hint: `name the keys that hookline hooks list shows, or give --all${verb === 'trust' ? ' or --from codex' : ''}`,
  })
}

/** Keys of hooks that are trusted in another product, as they are now. */
async function chosenFrom(hooks: Hooks, parsed: ParsedWords): Promise<readonly string[]> {
  if (textFlag(parsed, 'from') !== 'codex') {
    throw new HooklineError('USAGE', 'trust is recorded by codex only', {
      hint: 'give --from codex',
    })
  }
  if (parsed.words.length > 0 || parsed.flags['all'] === true) {
    throw new HooklineError('USAGE', 'hooks trust takes --from or keys, not both', {
      hint: 'leave one of them out',
    })
  }
  const { hooks: listed } = await hooks.list()
  return trustedElsewhere(listed, await codexRecords(homedir()))
}

function changeWith(hooks: Hooks, verb: Verb, parsed: ParsedWords): Promise<TrustChange> {
  if (verb === 'untrust' || textFlag(parsed, 'from') === undefined)
    return hooks[verb](chosenOf(verb, parsed))
  return chosenFrom(hooks, parsed).then((keys) => hooks.trust(keys))
}

/** Says what was done, hook by hook: trust is for what a hook does, so that is shown, too. */
async function change(hooks: Hooks, verb: Verb, parsed: ParsedWords): Promise<number> {
  const { changed, unchanged } = await changeWith(hooks, verb, parsed)
  const { hooks: all, problems } = await hooks.list()
  if (parsed.flags['json'] === true) {
    printJson({ [`${verb}ed`]: changed, unchanged, problems })
    return 0
  }
  for (const key of changed) {
    const hook = all.find((listed) => listed.key === key)
    print(visible(`${verb}ed ${key}`) + (hook ? `\n  ${visible(workOf(hook))}\n` : '\n'))
  }
  for (const key of unchanged) print(visible(`unchanged ${key}`) + '\n')
  if (changed.length + unchanged.length === 0) print('There is nothing to change.\n')
  return 0
}

/** `hookline hooks trust`: lets hooks run as they are now. */
export function run(call: HooksCall): Promise<number> {
  return withHooks(call, (hooks) => change(hooks, 'trust', call.parsed))
}

/** `hookline hooks untrust`: takes trust back. */
export function runUntrust(call: HooksCall): Promise<number> {
  return withHooks(call, (hooks) => change(hooks, 'untrust', call.parsed))
}
