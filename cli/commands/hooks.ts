import { HooklineError, isHooklineError, messageOf } from 'hookline'
import { nearest } from 'hookline/kit'
import {
  hooksKey,
  type HookListing,
  type Hooks,
  type ListedHook,
} from 'hookline/plugins/command-hooks'
import { parseWords, sessionFlags, type ParsedWords } from '../exec-flags.ts'
import { folderOf, openHost, type Assembly } from '../open-session.ts'

const hooksFlags = {
  ...sessionFlags,
  json: { type: 'boolean', help: 'Print one JSON document.' },
  all: { type: 'boolean', help: 'trust, untrust: every hook.' },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
} as const

const usage = `Usage: hookline hooks list [--json]
       hookline hooks trust KEY… | --all
       hookline hooks untrust KEY… | --all

  list      Show every hook with its key, where it comes from and whether it runs.
  trust     Let hooks run as they are now. A hook that changes must be trusted again.
  untrust   Take trust back.
`

function print(text: string): void {
  process.stdout.write(text)
}

/** Control characters and what turns the direction of text. */
const acting = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Signs that would act on a terminal, or turn the direction of text, are shown as what they are. */
function visible(text: string): string {
  return text.replace(acting, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function describe(hook: ListedHook): readonly string[] {
  const matcher = hook.matcher === null || hook.matcher === '' ? '' : ` [${hook.matcher}]`
  const event = `${hook.eventName.charAt(0).toUpperCase()}${hook.eventName.slice(1)}`
  const why = hook.reason === undefined ? '' : ` (${hook.reason.message})`
  const lines = [
    `${hook.state.padEnd(9)} ${event}${matcher}: ${hook.command ?? hook.handlerType}`,
    `          key ${hook.key}${why}`,
  ]
  return lines.map(visible)
}

function textOf({ hooks, problems }: HookListing): string {
  const lines = hooks.flatMap(describe)
  if (hooks.length === 0) lines.push('No hooks are configured.')
  for (const { severity, file, message } of problems)
    lines.push(visible(`${severity}: ${file}: ${message}`))
  return `${lines.join('\n')}\n`
}

function chosenOf(verb: string, { flags, words }: ParsedWords): readonly string[] | 'all' {
  const keys = words.slice(1)
  if (flags['all'] === true && keys.length > 0) {
    throw new HooklineError('USAGE', `hooks ${verb} takes keys or --all, not both`, {
      hint: 'leave one of them out',
    })
  }
  if (flags['all'] === true) return 'all'
  if (keys.length > 0) return keys
  throw new HooklineError('USAGE', `hooks ${verb} needs to know which hooks are meant`, {
    hint: 'name the keys that hookline hooks list shows, or give --all',
  })
}

/** Says what was done, hook by hook: trust is for a command, so that is shown, too. */
async function changeTrust(hooks: Hooks, parsed: ParsedWords): Promise<void> {
  const verb = parsed.words[0] === 'trust' ? 'trust' : 'untrust'
  const chosen = chosenOf(verb, parsed)
  const { changed, unchanged } = await hooks[verb](chosen)
  const { hooks: all, problems } = await hooks.list()
  if (parsed.flags['json'] === true) {
    print(`${JSON.stringify({ [`${verb}ed`]: changed, unchanged, problems }, null, 2)}\n`)
    return
  }
  for (const key of changed) {
    const command = all.find((hook) => hook.key === key)?.command
    print(visible(`${verb}ed ${key}`) + (command ? `\n  ${visible(command)}\n` : '\n'))
  }
  for (const key of unchanged) print(visible(`unchanged ${key}`) + '\n')
  if (changed.length + unchanged.length === 0) print('There is nothing to change.\n')
}

async function runVerb(hooks: Hooks, parsed: ParsedWords): Promise<void> {
  if (parsed.words[0] !== 'list') return changeTrust(hooks, parsed)
  const listing = await hooks.list()
  print(parsed.flags['json'] === true ? `${JSON.stringify(listing, null, 2)}\n` : textOf(listing))
}

/** For programs; people read the line on stderr. */
function failureDocument(error: unknown): string {
  const { code, hint } = isHooklineError(error) ? error : { code: 'INTERNAL', hint: undefined }
  const body = { code, message: messageOf(error), ...(hint !== undefined && { hint }) }
  return `${JSON.stringify({ error: body, problems: [] }, null, 2)}\n`
}

const verbs = ['list', 'trust', 'untrust']

/** Refuses words that name nothing; what a verb itself takes is left to it. */
function checkWords([verb = '', extra]: readonly string[]): void {
  if (!verbs.includes(verb)) {
    const guess = nearest(verb, verbs)
    throw new HooklineError('USAGE', `there is no command hooks "${verb}"`, {
      hint: guess === undefined ? 'see hookline hooks --help' : `did you mean "${guess}"?`,
    })
  }
  if (verb === 'list' && extra !== undefined) {
    throw new HooklineError('USAGE', `unexpected argument "${extra}"`, {
      hint: 'see hookline hooks --help',
    })
  }
}

/** `hookline hooks list|trust|untrust`. Resolves to the exit code. */
export async function hooksCommand(
  words: readonly string[],
  assembly: Assembly = {},
): Promise<number> {
  const parsed = parseWords(words, hooksFlags)
  const wantsHelp = parsed.flags['help'] === true
  if (wantsHelp || parsed.words.length === 0) {
    print(usage)
    return wantsHelp ? 0 : 2
  }
  try {
    checkWords(parsed.words)
    await using host = openHost({ parsed, assembly, log: () => {} })
    const cwd = folderOf(parsed)
    const session = await host.session({ cwd, source: 'cli', ephemeral: true })
    await runVerb(session.kernel.services.get(hooksKey, 'default'), parsed)
    return 0
  } catch (error) {
    if (parsed.flags['json'] === true) print(failureDocument(error))
    throw error
  }
}
