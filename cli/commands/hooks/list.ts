import { HooklineError } from 'hookline'
import type { HookListing, ListedHook } from 'hookline/plugins/command-hooks'
import { visible } from '../../render/visible.ts'
import { hooksFlags, print, printJson, withHooks, workOf, type HooksCall } from './hooks-session.ts'

export const flags = hooksFlags

function describe(hook: ListedHook): readonly string[] {
  const matcher = hook.matcher === null || hook.matcher === '' ? '' : ` [${hook.matcher}]`
  const event = `${hook.eventName.charAt(0).toUpperCase()}${hook.eventName.slice(1)}`
  const lines = [
    `${hook.state.padEnd(9)} ${event}${matcher}: ${workOf(hook)}`,
    `          by      ${hook.source}, dialect ${hook.dialect}, ${hook.trustStatus}`,
    `          key     ${hook.key}`,
    ...(hook.reason === undefined ? [] : [`          because ${hook.reason.message}`]),
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

/** `hookline hooks list`: every hook with what keeps it from running. */
export async function run(call: HooksCall): Promise<number> {
  const [extra] = call.parsed.words
  if (extra !== undefined) {
    throw new HooklineError('USAGE', `unexpected argument "${extra}"`, {
      hint: 'see hookline hooks --help',
    })
  }
  const listing = await withHooks(call, (hooks) => hooks.list())
  if (call.parsed.flags['json'] === true) printJson(listing)
  else print(textOf(listing))
  return 0
}
