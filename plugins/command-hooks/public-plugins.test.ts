import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it, vi } from 'vitest'
import { command, install, readStdin, shell, type Bundle } from './bundle-harness.ts'

// Scripts in the manner of plugins that people have: the same events, matchers and environment, the same fields read,
// the same form of answer.

const rule = (event: string, pattern: string, message: string) =>
  `---\nevent: ${event}\npattern: ${pattern}\n---\n${message}\n`

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

  it('deny without a reason, and tell the user why', async () => {
    await using at = await install({
      bundle,
      turns: [shell('rm -rf x'), shell('ls'), ['done']],
      files: { '.claude/guard.rm.local.md': rule('bash', 'rm -rf', 'this would delete') },
    })
    const said = await at.run()
    expect(said).toContain(
      'output: Command blocked by PreToolUse hook: Blocked by hook. Command: rm -rf x',
    )
    expect(said).toContain('output: ran ls')
    expect(at.warnings()).toEqual(['this would delete'])
  })

  it('warn about a prompt, which goes through', async () => {
    await using at = await install({
      bundle,
      files: { '.claude/guard.p.local.md': rule('prompt', 'deploy', 'mind the freeze') },
    })
    expect(await at.run('deploy it')).toContain('user: deploy it')
    expect(at.warnings()).toEqual(['mind the freeze'])
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
    await using at = await install({ bundle })
    expect((await at.run())[0]).toBe(
      `developer: SessionStart hook additional context: you have skills in ${at.root}`,
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
    await using at = await install({ bundle })
    expect((await at.run())[0]).toBe(
      'developer: SessionStart hook additional context: Teach as you go.\n\nAsk for "small" pieces of code.',
    )
  })
})

const remember = (timeout: number) =>
  command('node ${CLAUDE_PLUGIN_ROOT}/hooks/remember.js', { timeout })

describe('a memory of what was refused', () => {
  const script = `${readStdin}
    const fs = require('node:fs')
    const folder = process.env.HOME + '/.memory'
    fs.mkdirSync(folder, { recursive: true })
    const told = { SessionStart: 'start', UserPromptSubmit: input.prompt, PostToolUseFailure: input.tool_name + ': ' + input.error, Stop: 'stop' }
    fs.appendFileSync(folder + '/log', input.hook_event_name + ' ' + told[input.hook_event_name] + '\\n')
    console.log('{}')`
  it('is kept in the home folder, and says nothing', async () => {
    const bundle: Bundle = {
      hooks: {
        description: 'memory',
        hooks: {
          SessionStart: [remember(5)],
          UserPromptSubmit: [remember(3)],
          PostToolUseFailure: [remember(3)],
          Stop: [remember(5)],
        },
      },
      scripts: { 'hooks/remember.js': script },
    }
    await using user = await temporaryHome()
    vi.stubEnv('HOME', user.path)
    try {
      await using at = await install({ bundle, turns: [shell('false'), shell('ls'), ['done']] })
      const said = await at.run('remember this')
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
