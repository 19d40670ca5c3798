import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { definePlugin, itemJson, storeKey, type AnyPlugin } from 'hookline'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  temporaryHome,
  testKernel,
  transcript,
  type ScriptedTurn,
} from 'hookline/testing'
import { describe, expect, it, vi } from 'vitest'
import { hookSourcesKey } from './hook-bundles.ts'
import { commandHooks } from './index.ts'
import { isTable } from './shape.ts'

// Scripts in the manner of plugins that people have: the same events, matchers and environment, the same fields read,
// the same form of answer.

/** A bundle for Claude Code: its hooks file, and its scripts. */
interface Bundle {
  readonly hooks: object
  readonly scripts: Readonly<Record<string, string>>
}

interface Given {
  readonly bundle: Bundle
  readonly turns?: readonly ScriptedTurn[]
  /** Of the project. */
  readonly files?: Readonly<Record<string, string>>
  readonly plugins?: readonly AnyPlugin[]
  readonly ephemeral?: boolean
}

interface Installed extends AsyncDisposable {
  readonly project: string
  readonly root: string
  run(prompt?: string): Promise<readonly string[]>
  /** What the user was shown beside the conversation. */
  warnings(): readonly string[]
  read(name: string): Promise<string>
  readonly sessionId: string
}

const patchTool = scriptedTool('apply_patch', 'patched', {
  hooks: {
    name: 'apply_patch',
    aliases: ['Edit', 'Write', 'MultiEdit'],
    toInput: (input) => ({ command: isTable(input) ? input['patch'] : '' }),
    fromInput: (input) => input,
  },
})

const shellTool = scriptedTool(
  'exec_command',
  (input) => {
    const command = isTable(input) ? String(input['command']) : ''
    return command === 'false'
      ? { output: 'Exit code: 1', response: '', failed: true }
      : { output: `ran ${command}`, response: `ran ${command}` }
  },
  { hooks: { name: 'Bash', toInput: (input) => input, fromInput: (_input, next) => next } },
)

async function install({ bundle, turns = [], files = {}, plugins = [], ...rest }: Given): Promise<Installed> {
  const folder = await temporaryHome()
  const root = join(folder.path, 'cache/mkt/it/1.0.0')
  const project = join(folder.path, 'project')
  const write = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    await chmod(path, 0o755)
  }
  await write(join(root, 'hooks/hooks.json'), JSON.stringify(bundle.hooks))
  for (const [name, text] of Object.entries(bundle.scripts)) await write(join(root, name), text)
  for (const [name, text] of Object.entries({ 'x.txt': '', ...files }))
    await write(join(project, name), text)
  const path = join(root, 'hooks/hooks.json')
  const dataDir = join(folder.path, 'data/it-mkt')
  const brings = definePlugin({
    name: 'test-bundle',
    setup: ({ services }) =>
      void services.provide(hookSourcesKey, 'it@mkt', () => ({
        files: [{ path, dialect: 'claude', root, dataDir }],
      })),
  })
  const model = scriptedModel(turns)
  const all = [model.plugin, shellTool, patchTool, ...plugins, brings, commandHooks]
  const test = await testKernel(all, {
    home: join(folder.path, 'home'),
    cwd: project,
    settings: { bypass_hook_trust: true, compat: [] },
    ...rest,
  })
  return {
    project,
    root,
    sessionId: test.session.facts.id,
    run: async (prompt = 'do it') => {
      await runTurn(test, prompt)
      return transcript(test.session.items)
    },
    warnings: () =>
      test.events.flatMap((event) => {
        if (event.type !== 'item_completed' || event.item.type !== 'hook_run') return []
        return event.item.entries.filter(({ kind }) => kind === 'warning').map(({ text }) => text)
      }),
    read: (name) => readFile(join(project, name), 'utf8'),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const command = (text: string, more: object = {}) => ({
  hooks: [{ type: 'command', command: text, ...more }],
})
const readStdin = `const input = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))\n`
const shell = (text: string): ScriptedTurn => [{ call: 'exec_command', args: { command: text } }]

describe('rules that a project keeps for its user', () => {
  const script = `${readStdin}
    const fs = require('node:fs')
    const rules = fs.readdirSync('.claude').filter((name) => /^guard\\..*\\.local\\.md$/.test(name))
      .map((name) => fs.readFileSync('.claude/' + name, 'utf8'))
      .map((text) => ({ event: /event: (.*)/.exec(text)[1], pattern: /pattern: (.*)/.exec(text)[1], message: text.split('---')[2].trim() }))
    const subject = { bash: input.tool_input?.command, prompt: input.user_prompt ?? input.prompt, stop: input.reason ?? 'stop' }
    const kind = { PreToolUse: 'bash', PostToolUse: 'bash', UserPromptSubmit: 'prompt', Stop: 'stop' }[input.hook_event_name]
    const hit = rules.find((rule) => rule.event === kind && new RegExp(rule.pattern).test(subject[kind] ?? ''))
    const denying = input.hook_event_name === 'PreToolUse'
    const specific = { hookEventName: input.hook_event_name, permissionDecision: 'deny' }
    console.log(JSON.stringify(!hit ? {} : denying ? { hookSpecificOutput: specific, systemMessage: hit.message } : { systemMessage: hit.message }))
    process.exit(0)`
  const run = command('node "${CLAUDE_PLUGIN_ROOT}/hooks/rules.js"', { timeout: 10 })
  const bundle: Bundle = {
    hooks: {
      description: 'rules',
      hooks: { PreToolUse: [run], PostToolUse: [run], UserPromptSubmit: [run], Stop: [run] },
    },
    scripts: { 'hooks/rules.js': script },
  }
  const rule = (event: string, pattern: string, message: string) =>
    `---\nevent: ${event}\npattern: ${pattern}\n---\n${message}\n`

  it('deny without a reason, and tell the user why', async () => {
    await using it = await install({
      bundle,
      turns: [shell('rm -rf x'), shell('ls'), ['done']],
      files: { '.claude/guard.rm.local.md': rule('bash', 'rm -rf', 'this would delete') },
    })
    const said = await it.run()
    expect(said).toContain(
      'output: Command blocked by PreToolUse hook: Blocked by hook. Command: rm -rf x',
    )
    expect(said).toContain('output: ran ls')
    expect(it.warnings()).toEqual(['this would delete'])
  })

  it('warn about a prompt, which goes through', async () => {
    await using it = await install({
      bundle,
      files: { '.claude/guard.p.local.md': rule('prompt', 'deploy', 'mind the freeze') },
    })
    expect(await it.run('deploy it')).toContain('user: deploy it')
    expect(it.warnings()).toEqual(['mind the freeze'])
  })
})

describe('a loop that goes on until a promise is made', () => {
  const script = `#!/bin/bash
input=$(cat)
state=.claude/loop.local.md
[ -f "$state" ] || exit 0
field() { node -e 'const v = JSON.parse(process.argv[1])[process.argv[2]]; process.stdout.write(String(v ?? ""))' "$input" "$1"; }
[ "$(field session_id)" = "$(sed -n 's/^session_id: //p' "$state")" ] || exit 0
transcript=$(field transcript_path)
[ -f "$transcript" ] || { echo "no transcript at $transcript" >&2; rm "$state"; exit 0; }
grep -q '"role":"assistant"' "$transcript" || { echo "nothing said" >&2; rm "$state"; exit 0; }
last=$(grep '"role":"assistant"' "$transcript" | tail -n 1 | node -e '
  const line = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
  process.stdout.write(line.message.content.filter((part) => part.type === "text").map((part) => part.text).join("\\n"))')
case "$last" in *"<promise>DONE</promise>"*) rm "$state"; exit 0 ;; esac
turn=$(($(sed -n 's/^turn: //p' "$state") + 1))
sed -i.bak "s/^turn: .*/turn: $turn/" "$state"
node -e 'console.log(JSON.stringify({ decision: "block", reason: process.argv[1], systemMessage: "turn " + process.argv[2] }))' "$(sed '1,/^---$/d' "$state")" "$turn"
`
  const bundle: Bundle = {
    hooks: {
      description: 'loop',
      hooks: { Stop: [command('bash "${CLAUDE_PLUGIN_ROOT}/hooks/stop-hook.sh"')] },
    },
    scripts: { 'hooks/stop-hook.sh': script },
  }

  /** Keeps sessions as files, in the manner of the built-in store. */
  const store = (folder: string) =>
    definePlugin({
      name: 'test-store',
      power: 'decide',
      setup: ({ services }) =>
        void services.provide(storeKey, 'default', () => ({
          create: async ({ id }) => {
            const path = join(folder, `${id}.jsonl`)
            return {
              path,
              append: async (entries) => {
                const lines = entries
                  .filter((entry) => entry.type === 'item')
                  .map(({ item }) => `{"type":"response_item","payload":${itemJson(item)}}\n`)
                await writeFile(path, lines.join(''), { flag: 'a' })
              },
              close: async () => {},
            }
          },
          open: () => Promise.reject(new Error('not kept')),
          latest: async () => undefined,
        })),
    })

  const state = (session: string) => `turn: 1\nsession_id: ${session}\n---\nkeep going`

  it('blocks while it is active, and ends silently with the promise', async () => {
    await using records = await temporaryHome()
    await using it = await install({
      bundle,
      turns: [['not yet'], ['almost'], ['<promise>DONE</promise>']],
      plugins: [store(records.path)],
      ephemeral: false,
    })
    await mkdir(join(it.project, '.claude'))
    await writeFile(join(it.project, '.claude/loop.local.md'), state(it.sessionId))
    const said = await it.run()
    expect(said.filter((line) => !line.startsWith('assistant'))).toEqual([
      'user: do it',
      'user: Stop hook feedback:\nkeep going',
      'user: Stop hook feedback:\nkeep going',
    ])
    expect(it.warnings()).toEqual(['turn 2', 'turn 3'])
    await expect(it.read('.claude/loop.local.md')).rejects.toThrow('ENOENT')
  })

  it('lets the turn end where no loop is active, or that of another session', async () => {
    await using records = await temporaryHome()
    const given = { bundle, plugins: [store(records.path)], ephemeral: false }
    await using idle = await install(given)
    expect(await idle.run()).toHaveLength(2)
    await using other = await install({
      ...given,
      files: { '.claude/loop.local.md': state('another') },
    })
    expect(await other.run()).toHaveLength(2)
  })
})

describe('skills that are announced at the start', () => {
  const script = `: << 'CMDBLOCK'
@echo off
exit /b 0
CMDBLOCK
root="$(cd "$(dirname "$0")/.." && pwd)"
text="you have skills in $root"
if [ -n "\${CLAUDE_PLUGIN_ROOT:-}" ]; then
  printf '{"hookSpecificOutput":{"hookEventName":"SessionStart","additionalContext":"%s"}}\\n' "$text"
else
  printf '{"additionalContext":"%s"}\\n' "$text"
fi
`
  it('reach the model, in the form that the environment asks for', async () => {
    const hooks = {
      SessionStart: [
        {
          matcher: 'startup|clear|compact',
          ...command('"${CLAUDE_PLUGIN_ROOT}/hooks/run-hook.cmd" session-start', {
            shell: 'bash',
            async: false,
          }),
        },
      ],
    }
    const bundle: Bundle = { hooks: { hooks }, scripts: { 'hooks/run-hook.cmd': script } }
    await using it = await install({ bundle })
    expect((await it.run())[0]).toBe(
      `developer: SessionStart hook additional context: you have skills in ${it.root}`,
    )
  })
})

describe('a manner of speaking that is set at the start', () => {
  const script = `#!/usr/bin/env bash
cat << 'EOF'
{
  "hookSpecificOutput": {
    "hookEventName": "SessionStart",
    "additionalContext": "Teach as you go.\\n\\nAsk for \\"small\\" pieces of code."
  }
}
EOF
exit 0
`
  it('reaches the model', async () => {
    const bundle: Bundle = {
      hooks: {
        description: 'manner',
        hooks: { SessionStart: [command('bash "${CLAUDE_PLUGIN_ROOT}/hooks-handlers/start.sh"')] },
      },
      scripts: { 'hooks-handlers/start.sh': script },
    }
    await using it = await install({ bundle })
    expect((await it.run())[0]).toBe(
      'developer: SessionStart hook additional context: Teach as you go.\n\nAsk for "small" pieces of code.',
    )
  })
})

describe('a collector of remarks in code', () => {
  const remarks = { timeout: 5000, continueOnError: true }
  const bundle: Bundle = {
    hooks: {
      description: 'remarks',
      version: '1.2.0',
      author: 'somebody',
      hooks: {
        SessionStart: [
          {
            description: 'settings',
            priority: 10,
            enabled: true,
            ...command('node ${CLAUDE_PLUGIN_ROOT}/scripts/init.js', {
              ...remarks,
              suppressOutput: false,
            }),
          },
        ],
        PostToolUse: [
          {
            matcher: 'Write|Edit|NotebookEdit',
            ...command('node ${CLAUDE_PLUGIN_ROOT}/scripts/track.js', {
              ...remarks,
              suppressOutput: true,
            }),
          },
        ],
        Stop: [command('node ${CLAUDE_PLUGIN_ROOT}/scripts/collect.js', { timeout: 15_000 })],
      },
    },
    scripts: {
      'scripts/init.js': `
        const fs = require('node:fs')
        fs.mkdirSync('.remarks', { recursive: true })
        fs.writeFileSync('.remarks/config.json', '{"words":["TODO"]}')`,
      'scripts/track.js': `${readStdin}
        const file = input.tool_input?.file_path
        if (!file) process.exit(0)
        require('node:fs').appendFileSync('.remarks/session.log', file + '\\n')
        console.log(JSON.stringify({ systemMessage: '', continue: true }))`,
      'scripts/collect.js': `
        const fs = require('node:fs')
        const { words } = JSON.parse(fs.readFileSync('.remarks/config.json', 'utf8'))
        const found = fs.readFileSync('.remarks/session.log', 'utf8').trim().split('\\n')
          .flatMap((file) => fs.readFileSync(file, 'utf8').split('\\n').filter((line) => line.includes(words[0])))
        fs.writeFileSync('.remarks/report.txt', found.join('\\n'))
        console.log(JSON.stringify({ systemMessage: found.length + ' remarks' }))`,
    },
  }

  it('keeps what it finds in the project', async () => {
    const patch = '*** Begin Patch\n*** Update File: src/a.js\n@@\n-x\n+y\n*** End Patch'
    await using it = await install({
      bundle,
      turns: [[{ call: 'apply_patch', args: { patch } }], shell('ls'), ['done']],
      files: { 'src/a.js': 'y // TODO: why\nz\n' },
    })
    await it.run()
    expect(await it.read('.remarks/session.log')).toBe(`${join(it.project, 'src/a.js')}\n`)
    expect(await it.read('.remarks/report.txt')).toBe('y // TODO: why')
    expect(it.warnings()).toEqual(['', '1 remarks'])
  })
})

describe('a memory of what was refused', () => {
  const script = `${readStdin}
    const fs = require('node:fs')
    const folder = process.env.HOME + '/.memory'
    fs.mkdirSync(folder, { recursive: true })
    const told = { SessionStart: 'start', UserPromptSubmit: input.prompt, PostToolUseFailure: input.tool_name + ': ' + input.error, Stop: 'stop' }
    fs.appendFileSync(folder + '/log', input.hook_event_name + ' ' + told[input.hook_event_name] + '\\n')
    console.log('{}')`
  it('is kept in the home folder, and says nothing', async () => {
    const run = (timeout: number) =>
      command('node ${CLAUDE_PLUGIN_ROOT}/hooks/remember.js', { timeout })
    const bundle: Bundle = {
      hooks: {
        description: 'memory',
        hooks: {
          SessionStart: [run(5)],
          UserPromptSubmit: [run(3)],
          PostToolUseFailure: [run(3)],
          Stop: [run(5)],
        },
      },
      scripts: { 'hooks/remember.js': script },
    }
    await using user = await temporaryHome()
    vi.stubEnv('HOME', user.path)
    try {
      await using it = await install({ bundle, turns: [shell('false'), shell('ls'), ['done']] })
      const said = await it.run('remember this')
      expect(said.filter((line) => line.startsWith('developer'))).toEqual([])
      expect((await readFile(join(user.path, '.memory/log'), 'utf8')).trim().split('\n')).toEqual([
        'SessionStart start',
        'UserPromptSubmit remember this',
        'PostToolUseFailure Bash: Exit code: 1',
        'Stop stop',
      ])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
