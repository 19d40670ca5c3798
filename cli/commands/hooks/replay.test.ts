import { describe, expect, it } from 'vitest'
import { place } from './command-harness.ts'

const lines = (...values: readonly unknown[]) =>
  `${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n')}\n`

const call = (id: string, cmd: string) => ({
  type: 'response_item',
  payload: {
    type: 'function_call',
    name: 'exec_command',
    arguments: JSON.stringify({ cmd }),
    call_id: id,
  },
})
const output = (id: string, text: string) => ({
  type: 'response_item',
  payload: { type: 'function_call_output', call_id: id, output: text },
})
const rollout = lines(
  { type: 'session_meta', payload: { id: 's1', cwd: '/nowhere/at/all', model: 'm' } },
  call('c1', 'touch made'),
  output('c1', 'Wall time: 0.1 seconds\nProcess exited with code 0\nOutput:\nfine\n'),
  '{"type":"response_item","payload":{"ty',
  call('c2', 'rm -rf /'),
  output('c2', 'gone'),
  call('c3', 'git push'),
  call('c4', 'ls'),
)

const policy = JSON.stringify({
  hooks: {
    PreToolUse: [
      {
        matcher: 'Bash',
        hooks: [
          {
            type: 'command',
            command: `input=$(cat)
case "$input" in
  *"rm -rf"*) echo "not that" >&2; exit 2 ;;
  *"git push"*) echo '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow","updatedInput":{"command":"git push --dry-run"}}}' ;;
  *'"ls"'*) exit 7 ;;
esac`,
          },
        ],
      },
    ],
    PostToolUse: [
      {
        hooks: [
          {
            type: 'command',
            command: `grep -q '"tool_response":"fine' && echo '{"hookSpecificOutput":{"hookEventName":"PostToolUse","additionalContext":"well done"}}'`,
          },
        ],
      },
    ],
  },
})

describe('hookline hooks replay', () => {
  it('tells what hooks would have done to the calls of a rollout, and runs none of them', async () => {
    await using at = await place({ 'work/r.jsonl': rollout, 'work/hooks.json': policy })
    const document = await at.json('replay', 'r.jsonl', '--hooks', 'hooks.json')
    expect(document).toMatchObject({
      format: 'rollout',
      sessionId: 's1',
      torn: [4],
      counts: {
        calls: 4,
        firings: 5,
        matched: 5,
        refused: 1,
        asked: 0,
        rewritten: 1,
        added: 1,
        failedRuns: 1,
      },
      firings: [
        { line: 2, event: 'PreToolUse', tool: 'Bash', subject: 'touch made', failures: [] },
        { line: 2, event: 'PostToolUse', verdict: { context: ['well done'] } },
        { line: 5, event: 'PreToolUse', verdict: { decision: 'deny', reason: 'not that' } },
        { line: 7, verdict: { updatedInput: { command: 'git push --dry-run' } } },
        { line: 8, failures: ['hook exited with code 7'] },
      ],
    })
  })

  it('shows what made a difference', async () => {
    await using at = await place({ 'work/r.jsonl': rollout, 'work/hooks.json': policy })
    const { code, stdout } = await at.run('replay', 'r.jsonl', '--hooks', 'hooks.json')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^5 +PreToolUse +Bash +rm -rf \/ +deny: not that$/m)
    expect(stdout).not.toContain('touch made  -')
    expect(stdout).toContain('1 line cannot be read: 4\n')
    expect(stdout).toContain('1 refused, 0 asked, 1 rewritten, 1 with context added, 1 failed run')
  })

  it('reads transcripts of Claude Code, and gives edits to hooks about patches', async () => {
    const transcript = lines(
      { type: 'user', sessionId: 's', cwd: '/w', message: { role: 'user', content: 'do it' } },
      {
        type: 'assistant',
        sessionId: 's',
        message: {
          content: [
            {
              type: 'tool_use',
              id: 't1',
              name: 'Edit',
              input: { file_path: 'a', old_string: 'b', new_string: 'secret' },
            },
          ],
        },
      },
    )
    const hooks = JSON.stringify({
      hooks: {
        UserPromptSubmit: [{ hooks: [{ type: 'command', command: 'echo noted' }] }],
        PreToolUse: [
          {
            matcher: 'apply_patch',
            hooks: [
              { type: 'command', command: "grep -q '+secret' && { echo no >&2; exit 2; }; true" },
            ],
          },
        ],
      },
    })
    await using at = await place({ 'work/t.jsonl': transcript, 'work/hooks.json': hooks })
    const words = ['replay', 't.jsonl', '--hooks', 'hooks.json']
    expect(await at.json(...words)).toMatchObject({
      format: 'transcript',
      firings: [{ event: 'PreToolUse', tool: 'Edit', verdict: { decision: 'deny' } }],
    })
    expect(await at.json(...words, '--event', 'UserPromptSubmit')).toMatchObject({
      firings: [{ subject: 'do it', verdict: { context: ['noted'] } }],
    })
  })

  it('finds a session of hookline or Codex by its id, and uses the hooks that are active', async () => {
    const id = '01a1f000-0000-7000-8000-000000000001'
    const at2 = new Date(Number.parseInt('01a1f0000000', 16))
    const day = [at2.getFullYear(), at2.getMonth() + 1, at2.getDate()]
      .map((part) => String(part).padStart(2, '0'))
      .join('/')
    await using at = await place({ [`.codex/sessions/${day}/rollout-x-${id}.jsonl`]: rollout })
    expect(await at.json('replay', id)).toMatchObject({ counts: { calls: 4, matched: 0 } })
  })

  it.each([
    [[], 2, 'USAGE'],
    [['a', 'b'], 2, 'USAGE'],
    [['r.jsonl', '--event', 'PreCompact'], 2, 'USAGE'],
    [['nowhere.jsonl'], 1, 'FILE_UNREADABLE'],
    [['01a1f000-0000-7000-8000-000000000009'], 1, 'SESSION_NOT_FOUND'],
    [['empty.jsonl'], 1, 'REPLAY_INVALID'],
  ])('refuses %j', async (words, exitCode, name) => {
    await using at = await place({ 'work/empty.jsonl': '{"type":"session_meta"}\n' })
    const { code, stderr } = await at.run('replay', ...words)
    expect([code, stderr.startsWith(`error[${name}]: `)]).toEqual([exitCode, true])
  })
})
