import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { effectsOf, findingsIn, inShort, oneHandler } from './lint-harness.ts'
import { lintText } from './lint-file.ts'

const lint = (command: unknown, event = 'PreToolUse', more: object = {}) =>
  findingsIn(oneHandler(event, { command, ...more }))

const shell = (path: string) => oneHandler('Stop', `sh "${path}"`)

describe('a command', () => {
  it.each([
    ['', 'error CommandMissing'],
    ['  ', 'error CommandMissing'],
    [undefined, 'error CommandMissing'],
    [7, 'error CommandMissing'],
  ])('that is not there: %j', async (command, expected) => {
    expect(inShort(await lint(command))).toEqual([expected])
  })

  it('for Windows alone is not judged here', async () => {
    const found = await findingsIn(oneHandler('Stop', { commandWindows: 'x.cmd' }))
    expect(found.map(({ code }) => code)).not.toContain('CommandMissing')
  })

  it.each([
    'true',
    'echo hello',
    'if grep -q x; then echo no >&2; exit 2; fi',
    'f() { true; }; f',
    '[ -f nowhere.sh ] && sh /nowhere/at/all.sh',
    'no-such-program-here || true',
    'sh -c "exit 0"',
    'cat | while read -r line; do echo "$line"; done',
  ])('that is in order: %j', async (command) => {
    expect(await lint(command)).toEqual([])
  })

  it.each([
    ['no-such-program-here x', 'warning InterpreterMissing'],
    ['sh /nowhere/at/all.sh', 'error ScriptMissing'],
    ['/nowhere/at/all.sh', 'error ScriptMissing'],
    ['A=1 exec sh /nowhere/at/all.sh', 'error ScriptMissing'],
    ['cat | sh "$HOME/nowhere/at/all.sh"', 'error ScriptMissing'],
  ])('that cannot start: %j', async (command, expected) => {
    expect(inShort(await lint(command))).toEqual([expected])
  })

  it('is looked for below the roots that its place gives it', async () => {
    const files = { 'p/there.sh': '', 'p/.claude-plugin/plugin.json': '{}', 'p/sub/there.sh': '' }
    const at = async (path: string, place: string) =>
      inShort(await findingsIn(shell(path), { place, files }))
    expect(await at('${CLAUDE_PLUGIN_ROOT}/there.sh', 'p/hooks/hooks.json')).toEqual([])
    expect(await at('${CLAUDE_PLUGIN_ROOT}/gone.sh', 'p/hooks/hooks.json')).toEqual([
      'error ScriptMissing',
    ])
    expect(await at('$CLAUDE_PROJECT_DIR/there.sh', 'p/.hookline/hooks.json')).toEqual([])
    expect(await at('$HOOKLINE_HOOKS_DIR/../there.sh', 'p/.hookline/hooks.json')).toEqual([])
    expect(await at('$HOOKLINE_HOOKS_DIR/gone.sh', 'p/.hookline/hooks.json')).toEqual([
      'error ScriptMissing',
    ])
    expect(await at('sub/there.sh', 'p/.hookline/hooks.json')).toEqual([])
    expect(await at('gone.sh', 'p/.hookline/hooks.json')).toEqual(['error ScriptMissing'])
    expect(await at('there.sh', 'p/hooks/hooks.json')).toEqual(['warning ScriptRelative'])
  })

  it('must be executable where it is started itself', async () => {
    await using folder = await temporaryHome({
      'guard.sh': '#!/bin/sh\n',
      'odd.sh': '#!/no/shell\n',
    })
    const lintIt = (name: string) =>
      lintText(
        JSON.stringify(oneHandler('Stop', join(folder.path, name))),
        join(folder.path, 'hooks.json'),
      )
    expect(inShort(lintIt('guard.sh').findings)).toEqual(['error ScriptNotExecutable'])
    await chmod(join(folder.path, 'guard.sh'), 0o755)
    await chmod(join(folder.path, 'odd.sh'), 0o755)
    expect(lintIt('guard.sh').findings).toEqual([])
    expect(inShort(lintIt('odd.sh').findings)).toEqual(['warning InterpreterMissing'])
  })

  it.each([
    ['sh $CLAUDE_PLUGIN_ROOT/x.sh', true],
    ['sh ${CLAUDE_PLUGIN_ROOT}/x.sh', true],
    ['sh "$CLAUDE_PLUGIN_ROOT"/x.sh', false],
    ['sh "${CLAUDE_PLUGIN_ROOT}/x.sh"', false],
    ["sh '${CLAUDE_PLUGIN_ROOT}/x.sh'", false],
    ['echo $HOME', false],
  ])('with a root that a blank takes apart: %j: %s', async (command, isFault) => {
    const found = await findingsIn(oneHandler('Stop', command), { files: { 'x.sh': '' } })
    expect(inShort(found)).toEqual(isFault ? ['warning RootUnquoted'] : [])
  })

  it('with a variable that the product does not set', async () => {
    const found = await findingsIn(oneHandler('Stop', 'ls "$CLAUDE_PROJECT_DIR"'), {
      place: '.codex/hooks.json',
    })
    expect(inShort(found)).toEqual(['error VariableUnset'])
    expect(effectsOf(found)).toEqual(['works', 'open', 'works'])
    const loose = await findingsIn(oneHandler('Stop', 'ls "$CLAUDE_PLUGIN_ROOT"'), {
      place: '.hookline/hooks.json',
    })
    expect(inShort(loose)).toEqual(['error VariableUnset'])
  })
})

const print = (value: object) => `cat >/dev/null; echo '${JSON.stringify(value)}'`

describe('what a command answers', () => {
  const specific = (fields: object, hookEventName = 'PreToolUse') =>
    print({ hookSpecificOutput: { hookEventName, ...fields } })

  it('has no effect without a reason, in the dialect that wants one', async () => {
    const command = specific({ permissionDecision: 'deny' })
    const codex = await findingsIn(oneHandler('PreToolUse', command), { dialect: 'codex' })
    expect(inShort(codex)).toEqual(['error AnswerFails'])
    expect(effectsOf(codex)).toEqual(['open', 'open', 'works'])
    expect(await findingsIn(oneHandler('PreToolUse', command), { dialect: 'claude' })).toEqual([])
  })

  it.each([
    [specific({ permissionDecision: 'deny', permissionDecisionReason: 'r' }), []],
    ['printf \'%s\' \'{"decision":"block","reason":"r"}\'', []],
    [print({ decision: 'block' }), ['error AnswerFails']],
    [print({ desicion: 'block', reason: 'r' }), ['error AnswerFails']],
    ["echo '{not json}'", ['error AnswerFails']],
    ['echo "{\\"decision\\": \\"block\\"}"', ['error AnswerFails']],
    ['echo \'{"decision":"block"}\' >&2', []],
    ['echo \'{"decision":"block"}\' | cat', []],
    ['echo "{\\"decision\\": \\"$x\\"}"', []],
  ])('%s', async (command, expected) => {
    expect(inShort(await lint(command))).toEqual(expected)
  })

  it('is for its own event', async () => {
    const stop = await lint(specific({ additionalContext: 'x' }), 'Stop')
    expect(inShort(stop)).toEqual(['error AnswerFails'])
    const other = await findingsIn(
      oneHandler('PostToolUse', specific({ additionalContext: 'x' }, 'PreToolUse')),
      { dialect: 'claude' },
    )
    expect(other).toMatchObject([
      { code: 'AnswerFails', severity: 'error', fix: 'write "hookEventName": "PostToolUse"' },
    ])
  })

  it('is not enough when exit code 2 comes without a word', async () => {
    expect(inShort(await lint('grep -q x && exit 2'))).toEqual(['info ExitTwoSilent'])
    expect(await lint('echo no >&2; exit 2')).toEqual([])
    expect(inShort(await lint('echo no >&2; exit 2', 'SessionStart'))).toEqual([
      'info ExitTwoPowerless',
    ])
  })

  it('is looked for in shell scripts, too', async () => {
    const files = { 'guard.sh': '#!/bin/sh\nif grep -q x; then\n  exit 2\nfi\n' }
    const found = await findingsIn(oneHandler('PreToolUse', 'sh "${PLUGIN_ROOT}/guard.sh"'), {
      files,
    })
    expect(inShort(found)).toEqual(['info ExitTwoSilent'])
  })

  it('comes too late from an asynchronous handler', async () => {
    const found = await lint('echo no >&2; exit 2', 'PreToolUse', { async: true })
    expect(inShort(found)).toEqual(['warning AsyncPowerless'])
  })
})
