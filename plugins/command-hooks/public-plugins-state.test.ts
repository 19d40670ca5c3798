import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, itemJson, storeKey } from 'hookline'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { command, install, readStdin, shell, type Bundle } from './bundle-harness.ts'

// Scripts in the manner of plugins that people have: the same events, matchers and environment, the same fields read,
// the same form of answer.

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

  it('blocks while it is active, and ends silently with the promise', async () => {
    await using records = await temporaryHome()
    await using at = await install({
      bundle,
      turns: [['not yet'], ['almost'], ['<promise>DONE</promise>']],
      plugins: [store(records.path)],
      ephemeral: false,
    })
    await mkdir(join(at.project, '.claude'))
    await writeFile(join(at.project, '.claude/loop.local.md'), state(at.sessionId))
    const said = await at.run()
    expect(said.filter((line) => !line.startsWith('assistant'))).toEqual([
      'user: do it',
      'user: Stop hook feedback:\nkeep going',
      'user: Stop hook feedback:\nkeep going',
    ])
    expect(at.warnings()).toEqual(['turn 2', 'turn 3'])
    await expect(at.read('.claude/loop.local.md')).rejects.toThrow('ENOENT')
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
    await using at = await install({
      bundle,
      turns: [[{ call: 'apply_patch', args: { patch } }], shell('ls'), ['done']],
      files: { 'src/a.js': 'y // TODO: why\nz\n' },
    })
    await at.run()
    expect(await at.read('.remarks/session.log')).toBe(`${join(at.project, 'src/a.js')}\n`)
    expect(await at.read('.remarks/report.txt')).toBe('y // TODO: why')
    expect(at.warnings()).toEqual(['', '1 remarks'])
  })
})
