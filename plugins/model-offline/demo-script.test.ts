import type { Item, MessageItem, ModelRequest } from 'hookline'
import { transcript } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { demoPrompt } from './demo-prompt.ts'
import { demoScript } from './demo-script.ts'

let count = 0

function message(role: MessageItem['role'], text: string, kind?: string): Item {
  count += 1
  const item: MessageItem = {
    type: 'message',
    id: `m${count}`,
    role,
    parts: [{ type: 'text', text }],
  }
  return kind === undefined ? item : { ...item, kinds: [kind] }
}

const asked = message('user', demoPrompt)
const opening = [
  message('user', '<environment_context/>', 'environment_context'),
  message('developer', 'The code word of this session is amber.', 'hook'),
  asked,
]

function answer(items: readonly Item[], change: Partial<ModelRequest> = {}): readonly Item[] {
  return demoScript({
    model: 'offline',
    items,
    tools: [],
    parallelToolCalls: false,
    headers: {},
    sessionId: 's',
    turnId: 't',
    kind: 'turn',
    turnState: new Map(),
    ...change,
  })
}

function callOf(items: readonly Item[]) {
  return items.find((item) => item.type === 'tool_call')
}

/** The conversation after the last call of an answer was given this output. */
function after(items: readonly Item[], output: string): readonly Item[] {
  const given = answer(items)
  const call = callOf(given)
  if (!call) return [...items, ...given]
  const { callId, payload } = call
  return [
    ...items,
    ...given,
    { type: 'tool_output', id: `o_${callId}`, callId, kind: payload.kind, output },
  ]
}

function said(items: readonly Item[]): string {
  return transcript(items).join('\n')
}

const ran = (code: number, text: string) =>
  `Chunk ID: 1\nProcess exited with code ${code}\nOriginal token count: 1\nOutput:\n${text}`
const refusal = 'Command blocked by PreToolUse hook: no. Command: rm -rf treasure'
const done = 'Exit code: 0\nWall time: 0.0 seconds\nOutput:\nSuccess.'
const outputs = [ran(0, 'Hello, world.\npid:[7]\n'), ran(2, 'sh: Read-only file system\n'), refusal]

/** The patch of a tour in whose project the greeting is this. */
function patchAfter(greeting: string): string | undefined {
  let items: readonly Item[] = opening
  for (const output of [ran(0, `${greeting}\npid:[7]\n`), ...outputs.slice(1)]) {
    items = after(items, output)
  }
  return callOf(answer(items))?.payload.text
}

describe('the tour', () => {
  it('begins with what it is, and with what a SessionStart hook told', () => {
    const first = answer(opening)
    expect(said(first)).toMatch(/I am not a model\. I am a script/)
    expect(said(first)).toContain('"The code word of this session is amber."')
    expect(callOf(first)?.name).toBe('exec_command')
  })

  it('goes on from what the conversation holds, call by call, each with an id of its own', () => {
    let items: readonly Item[] = opening
    for (const output of [...outputs, done]) items = after(items, output)
    const calls = items.filter((item) => item.type === 'tool_call')
    expect(calls.map(({ name }) => name)).toEqual([
      'exec_command',
      'exec_command',
      'exec_command',
      'apply_patch',
    ])
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(4)
    const text = said(items)
    for (const told of ['pid:[7]', 'sh: Read-only file system', refusal])
      expect(text).toContain(told)
    const last = answer(items)
    expect(callOf(last)).toBeUndefined()
    expect(said(last)).toContain('The patch is applied.')
  })

  it('does what a Stop hook wants, once', () => {
    let items: readonly Item[] = opening
    for (const output of [...outputs, done]) items = after(items, output)
    const wish = message('user', '<hook_prompt hook_run_id="stop:0">a &lt; b</hook_prompt>')
    items = [...items, ...answer(items), wish]
    expect(said(answer(items))).toContain('"a < b"')
    items = after(items, ran(0, ''))
    expect(callOf(answer(items))).toBeUndefined()
    const again = answer([...items, ...answer(items), wish])
    expect(callOf(again)).toBeUndefined()
    expect(said(again)).toContain('still says: "a < b"')
  })

  it('changes the greeting back when it was changed before', () => {
    expect(patchAfter('Hello, world.')).toContain('-Hello, world.\n+Hello from hookline.')
    expect(patchAfter('Hello from hookline.')).toContain('-Hello from hookline.\n+Hello, world.')
  })

  it('says so when nothing was refused', () => {
    let items = after(opening, outputs[0] ?? '')
    items = after(items, ran(0, ''))
    items = after(items, ran(0, ''))
    const text = said([...items, ...answer(items)])
    expect(text).toContain('nothing confines commands here')
    expect(text).toContain('No hook stopped it')
  })

  it.each([
    ['again when it was cut off', 'apply_patch failed: stopped by SIGINT', 'apply_patch'],
    ['not again when it was done', done, undefined],
  ])('takes its last step %s by an interrupt', (_what, output, next) => {
    let items: readonly Item[] = opening
    for (const each of [...outputs, output]) items = after(items, each)
    items = [...items, message('user', '<turn_aborted/>', 'turn_aborted'), ...opening]
    expect(callOf(answer(items))?.name).toBe(next)
  })

  it('is over when it is asked for again in the same session', () => {
    let items: readonly Item[] = opening
    for (const output of [...outputs, done]) items = after(items, output)
    const again = [...items, ...answer(items), ...opening]
    expect(said(answer(again))).toContain('is over')
    expect(callOf(answer(again))).toBeUndefined()
  })

  it('runs nothing in a folder whose hooks have not told it the code word', () => {
    const given = answer([asked])
    expect(callOf(given)).toBeUndefined()
    expect(said(given)).toContain('hookline demo')
  })
})

describe('anything else', () => {
  it.each([
    ['another prompt', [...opening, message('user', 'fix the bug')], {}],
    ['no prompt at all', [], {}],
    ['a request that is no turn', opening, { kind: 'compaction' } as const],
  ])('is answered with what it is and how to get a model: %s', (_what, items, change) => {
    const given = answer(items, change)
    expect(given).toHaveLength(1)
    expect(said(given)).toMatch(/not a model.*model_provider.*OPENAI_API_KEY.*base_url/s)
  })
})
