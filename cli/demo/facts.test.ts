import type { SessionEvent, ThreadItemBody } from 'hookline'
import { noUsage } from 'hookline'
import { describe, expect, it } from 'vitest'
import { factsOf, type Fact } from './facts.ts'
import type { DemoProject } from './project.ts'
import type { Traces } from './run-tour.ts'

const project: DemoProject = {
  folder: '/w/d',
  home: '/w/d/home',
  hooksFile: '/w/d/.hookline/hooks.json',
  guard: '/w/d/.hookline/hooks/guard.sh',
  greeting: '/w/d/greeting.txt',
  notes: '/w/d/NOTES.md',
  treasure: '/w/d/treasure/coin.txt',
  outside: '/w/outside.txt',
}

const traces: Traces = {
  greeting: 'Hello from hookline.\n',
  notes: 'done\n',
  treasure: 'one coin\n',
  outsideBefore: undefined,
  outside: undefined,
  ownNamespace: 'pid:[1]',
}

type Body<Type extends ThreadItemBody['type']> = Extract<ThreadItemBody, { readonly type: Type }>

function hook(
  event: string,
  status: Body<'hook_run'>['status'],
  entries: Body<'hook_run'>['entries'] = [],
): ThreadItemBody {
  return { type: 'hook_run', event, source: 'project', status, durationMs: 1, entries }
}

function command(change: Partial<Body<'command_execution'>>): ThreadItemBody {
  const base = { type: 'command_execution', command: 'x', aggregatedOutput: '' } as const
  return { ...base, status: 'completed', ...change }
}

const context = hook('SessionStart', 'completed', [{ kind: 'context', text: 'code word' }])
const quote: ThreadItemBody = { type: 'agent_message', text: 'I was told "code word"' }
const inside = command({ aggregatedOutput: 'Hello\npid:[2]\n', exitCode: 0 })
const denied = command({ status: 'declined', declinedBy: 'sandbox', reason: 'read-only' })
const blocked = hook('PreToolUse', 'blocked', [{ kind: 'feedback', text: 'not here' }])
const refused = command({ status: 'declined', declinedBy: 'hook', reason: 'not here' })
const patched: ThreadItemBody = {
  type: 'file_change',
  changes: [{ path: '/w/d/greeting.txt', kind: 'update' }],
  status: 'completed',
}
const held = hook('Stop', 'blocked', [{ kind: 'feedback', text: 'notes!' }])
const released = hook('Stop', 'completed')
const whole = [context, quote, inside, denied, blocked, refused, patched, held, released]

const ending: SessionEvent = {
  type: 'turn_completed',
  turnId: 't',
  usage: noUsage,
  threadUsage: noUsage,
}

interface Case {
  readonly items?: readonly ThreadItemBody[]
  readonly traces?: Partial<Traces>
  readonly ending?: SessionEvent
}

function facts(given: Case): readonly Fact[] {
  const events = (given.items ?? whole).map((body, at): SessionEvent => ({
    type: 'item_completed',
    item: { ...body, id: `item_${at}` },
  }))
  const all = [...events, given.ending ?? ending]
  return factsOf({ events: all, project, traces: { ...traces, ...given.traces } })
}

function failed(given: Case): readonly string[] {
  return facts(given).flatMap(({ ok, id }) => (ok ? [] : [id]))
}

const without = (...left: readonly ThreadItemBody[]) => ({
  items: whole.filter((item) => !left.includes(item)),
})

describe('the facts of a tour', () => {
  it('hold when everything happened, each with what was seen', () => {
    expect(facts({}).map(({ id, ok, seen }) => [id, ok, seen])).toEqual([
      ['context', true, 'code word'],
      ['sandbox', true, 'its processes were in pid:[2], hookline is in pid:[1]'],
      ['confined', true, 'read-only'],
      ['refused', true, 'not here'],
      ['patch', true, 'greeting.txt now says: Hello from hookline.'],
      ['stop', true, 'notes!'],
    ])
  })

  it('hold also in a sandbox without /proc', () => {
    const plain = command({ aggregatedOutput: 'Hello\nno /proc\n', exitCode: 0 })
    expect(failed({ items: whole.map((item) => (item === inside ? plain : item)) })).toEqual([])
  })

  it.each<[string, string, Case]>([
    ['context', 'no hook told anything', without(context)],
    ['context', 'the model did not know of it', without(quote)],
    ['sandbox', 'no command ran', without(inside)],
    ['sandbox', 'it ran where hookline runs', { traces: { ownNamespace: 'pid:[2]' } }],
    ['sandbox', 'nobody knows where hookline runs', { traces: { ownNamespace: undefined } }],
    ['confined', 'nothing was refused', without(denied)],
    ['confined', 'the file was written all the same', { traces: { outside: 'x' } }],
    ['confined', 'a file that was there was changed', { traces: { outsideBefore: 'x' } }],
    ['refused', 'no hook blocked', without(blocked)],
    ['refused', 'nothing was declined', without(refused)],
    ['refused', 'the command ran all the same', { traces: { treasure: undefined } }],
    ['patch', 'there was none', without(patched)],
    ['patch', 'the file is as it was', { traces: { greeting: 'Hello, world.\n' } }],
    ['stop', 'no hook held the model', without(held)],
    ['stop', 'it was not let go', without(released)],
    ['stop', 'it was held twice', { items: [...whole, held] }],
    ['stop', 'there are no notes', { traces: { notes: undefined } }],
    ['stop', 'the turn did not end', { ending: { type: 'turn_started', turnId: 't' } }],
  ])('do not hold: %s, when %s', (id, _why, given) => {
    expect(failed(given)).toEqual([id])
  })
})
