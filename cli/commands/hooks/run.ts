import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { HooklineError, messageOf } from 'hookline'
import { nearest } from 'hookline/kit'
import type { Hooks } from 'hookline/plugins/command-hooks'
import { events, isHookEvent, type HookEvent } from '../../../plugins/command-hooks/events.ts'
import type { Rehearsed } from '../../../plugins/command-hooks/rehearsal.ts'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import { textFlag, type ParsedWords } from '../../exec-flags.ts'
import { viewOf } from '../../hooks/run-view.ts'
import { inputWith } from '../../hooks/sample-input.ts'
import { runLines, verdictLines } from '../../hooks/show-runs.ts'
import { folderOf } from '../../open-session.ts'
import { visible } from '../../render/visible.ts'
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
  input: {
    type: 'string',
    value: 'FILE',
    help: 'What handlers read from stdin; - is our own stdin.',
  },
  tool: { type: 'string', value: 'NAME', help: 'The tool that the sample is about.' },
  hooks: { type: 'string', value: 'FILE', help: 'The hooks of this file, trusted or not.' },
  dialect: {
    type: 'string',
    value: 'codex|claude',
    help: 'With --hooks: the dialect to read it in.',
  },
} as const

function eventOf({ words }: ParsedWords): HookEvent {
  const [event, extra] = words
  if (extra !== undefined) {
    throw new HooklineError('USAGE', `unexpected argument "${extra}"`, { hint: 'name one event' })
  }
  const names = Object.keys(events)
  if (event === undefined) {
    throw new HooklineError('USAGE', 'hooks run needs an event', {
      hint: `one of ${names.join(', ')}`,
    })
  }
  if (isHookEvent(event)) return event
  const guess = nearest(event, names)
  throw new HooklineError('USAGE', `there is no event ${event}`, {
    hint: guess === undefined ? `use one of ${names.join(', ')}` : `did you mean ${guess}?`,
  })
}

async function givenInput(parsed: ParsedWords): Promise<Readonly<Record<string, unknown>>> {
  const name = textFlag(parsed, 'input')
  if (name === undefined) return {}
  let value: unknown
  try {
    const file = resolve(folderOf(parsed), name)
    value = JSON.parse(name === '-' ? await text(process.stdin) : await readFile(file, 'utf8'))
  } catch (error) {
    throw new HooklineError(
      'FILE_UNREADABLE',
      `the input ${name} cannot be read: ${messageOf(error)}`,
      {
        hint: 'give a file with one JSON object',
        cause: error,
      },
    )
  }
  if (isTable(value)) return value
  throw new HooklineError('FILE_UNREADABLE', `the input ${name} is not a JSON object`, {
    hint: 'give a file with one JSON object',
  })
}

async function rehearse(hooks: Hooks, { parsed, signal }: HooksCall): Promise<Rehearsed> {
  const event = eventOf(parsed)
  const input = inputWith(event, await givenInput(parsed), textFlag(parsed, 'tool'))
  const file = textFlag(parsed, 'hooks')
  await using rehearsal = await hooks.rehearse({
    ...(file !== undefined && { file: resolve(folderOf(parsed), file) }),
    ...dialectFlag(parsed),
  })
  return await rehearsal.run({ event, input, signal })
}

function linesOf({ runs, idle, verdict }: Rehearsed): readonly string[] {
  return [
    ...runs.map(viewOf).flatMap(runLines),
    ...idle.map(({ key, reason = 'it is not active' }) => visible(`not run: ${key}: ${reason}`)),
    ...(runs.length === 0 ? ['No hook that runs matches.'] : []),
    ...verdictLines(verdict),
  ]
}

/** `hookline hooks run`: runs what matches on a sample input, and shows what it said. */
export async function run(call: HooksCall): Promise<number> {
  const { parsed } = call
  eventOf(parsed)
  const rehearsed = await withHooks(call, (hooks) => rehearse(hooks, call))
  if (parsed.flags['json'] !== true) {
    printLines(linesOf(rehearsed))
    return 0
  }
  const { runs, idle, verdict } = rehearsed
  printJson({
    event: eventOf(parsed),
    runs: runs.map(viewOf),
    notRun: idle.map(({ key, reason }) => ({ key, reason: reason ?? null })),
    verdict,
  })
  return 0
}
