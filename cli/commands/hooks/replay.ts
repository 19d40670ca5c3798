import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { HooklineError, type SessionFacts } from 'hookline'
import type { Hooks } from 'hookline/plugins/command-hooks'
import { listFlag, textFlag, type ParsedWords } from '../../exec-flags.ts'
import { readSession } from '../../hooks/replay/read-session.ts'
import { replayDocument, replayLines } from '../../hooks/replay/render-replay.ts'
import {
  callEvents,
  replayEvents,
  replaySession,
  type ReplayEvent,
} from '../../hooks/replay/replay-session.ts'
import { folderOf } from '../../open-session.ts'
import {
  dialectFlag,
  hooksFlags,
  printJson,
  printLines,
  withHooks,
  type HooksCall,
} from './hooks-session.ts'

export const flags = {
  ...hooksFlags,
  hooks: { type: 'string', value: 'FILE', help: 'The hooks of this file, trusted or not.' },
  dialect: {
    type: 'string',
    value: 'codex|claude',
    help: 'With --hooks: the dialect to read it in.',
  },
  event: {
    type: 'string',
    multiple: true,
    value: 'EVENT',
    help: 'Fire this event; default those of calls.',
  },
  verbose: { type: 'boolean', help: 'Show what hooks made no difference to, too.' },
} as const

function eventsOf(parsed: ParsedWords): readonly ReplayEvent[] {
  const names = listFlag(parsed, 'event')
  const known = names.map((name) => {
    const event = replayEvents.find((candidate) => candidate === name)
    if (event !== undefined) return event
    throw new HooklineError('USAGE', `a replay does not fire ${name}`, {
      hint: `it fires ${replayEvents.join(', ')}`,
    })
  })
  return known.length === 0 ? callEvents : known
}

function nameOf({ words }: ParsedWords): string {
  const [name, extra] = words
  if (name !== undefined && extra === undefined) return name
  const what =
    name === undefined ? 'hooks replay needs a recorded session' : `unexpected argument "${extra}"`
  throw new HooklineError('USAGE', what, { hint: 'name one rollout, transcript or session id' })
}

/** Hooks work in the folder of the record, where it still is. */
async function workingFolder(recorded: string | undefined, fallback: string): Promise<string> {
  if (recorded === undefined) return fallback
  const facts = await stat(recorded).catch(() => undefined)
  return facts?.isDirectory() ? recorded : fallback
}

async function replay(hooks: Hooks, { home }: SessionFacts, { parsed, signal }: HooksCall) {
  const cwd = folderOf(parsed)
  const session = await readSession(nameOf(parsed), { cwd, home })
  const file = textFlag(parsed, 'hooks')
  await using rehearsal = await hooks.rehearse({
    cwd: await workingFolder(session.cwd, cwd),
    ...(file !== undefined && { file: resolve(cwd, file) }),
    ...dialectFlag(parsed),
  })
  return {
    session,
    played: await replaySession(rehearsal, session, { events: eventsOf(parsed), signal }),
  }
}

/** `hookline hooks replay`: gives what a recorded session did to hooks, without running any tool. */
export async function run(call: HooksCall): Promise<number> {
  const { parsed } = call
  nameOf(parsed)
  eventsOf(parsed)
  const { session, played } = await withHooks(call, (hooks, facts) => replay(hooks, facts, call))
  if (parsed.flags['json'] === true) printJson(replayDocument(session, played))
  else printLines(replayLines(session, played, parsed.flags['verbose'] === true))
  return 0
}
