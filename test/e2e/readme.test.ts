import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { modelServer, type ModelServer } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { blocksOf, root, type DocBlock } from '../support/doc-blocks.ts'
import { docStage } from '../support/doc-stage.ts'

const pages = ['README.md', 'docs/plugins.md', 'docs/hooks.md']
const blocks = pages.flatMap(blocksOf)
/** The blocks of one name on one page, which belong together. */
function named(page: string, name: string): readonly DocBlock[] {
  return blocks.filter((block) => block.page === page && block.name === name)
}

const readme = {
  builtins: named('README.md', 'builtins'),
  cli: named('README.md', 'cli'),
  embed: named('README.md', 'embed'),
  endpoint: named('README.md', 'endpoint'),
  exec: named('README.md', 'exec'),
  hook: named('README.md', 'hook'),
  plugin: named('README.md', 'plugin'),
  sandbox: named('README.md', 'sandbox'),
}
const tutorial = {
  first: named('docs/plugins.md', 'first'),
  rules: named('docs/plugins.md', 'rules'),
}
const hooksPage = { hook: named('docs/hooks.md', 'hook') }

/** Files by name: those of the home under `home/`. */
function filesOf(found: readonly DocBlock[]): Record<string, string> {
  const files: Record<string, string> = {}
  for (const { file, text } of found) {
    if (file === undefined) continue
    files[/^(config\.toml|hooks\.json)$/.test(file) ? `home/${file}` : file] = text
  }
  return files
}

function commandsOf(found: readonly DocBlock[]): string {
  return found.map(({ file, text }) => (file === undefined ? text : '')).join('')
}

/** A configuration that points at the scripted model, around what a page wants in it. */
function configFor(server: ModelServer, wanted = ''): string {
  return [
    'model = "gpt-5.5"',
    'model_provider = "mock"',
    wanted,
    '[model_providers.mock]',
    `base_url = "${server.url}"`,
    'request_max_retries = 0',
    '',
  ].join('\n')
}

function call(name: string, args: object): Readonly<Record<string, unknown>> {
  return {
    type: 'function_call',
    name,
    call_id: `call_${name}`,
    arguments: JSON.stringify(args),
  }
}

function jsonLines(text: string): readonly Record<string, unknown>[] {
  // Every line is an object, or the parser has thrown.
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Names of the plugins that `doctor --json` lists. */
function pluginNames(stdout: string): readonly string[] {
  // A report of ours.
  const { plugins } = JSON.parse(stdout) as { plugins: readonly { name: string }[] }
  return plugins.map(({ name }) => name)
}

const canConfine =
  process.platform === 'linux' && spawnSync('bwrap', ['--ro-bind', '/', '/', 'true']).status === 0

describe('README.md', () => {
  it('uses an endpoint of the configuration, with the key of its variable', async () => {
    await using server = await modelServer([['hello']])
    const files = filesOf(readme.endpoint)
    const config = files['home/config.toml']?.replace('https://llm.example.com/v1', server.url)
    await using stage = await docStage({ 'home/config.toml': config ?? '' })
    const run = await stage.run('hookline', ['exec', 'hi'], { MY_LLM_KEY: 'key-of-mine' })
    expect(run).toMatchObject({ code: 0, stdout: 'hello\n' })
    const [request] = server.requests
    expect(request?.headers['authorization']).toBe('Bearer key-of-mine')
    expect(request?.body).toMatchObject({ model: 'my-model' })
  })

  it('shows calls of exec that all work', async () => {
    const answers = ['one', 'two', 'three', 'four', 'five', 'six']
    await using server = await modelServer(answers.map((text) => [text]))
    await using stage = await docStage({
      'home/config.toml': configFor(server),
      'prompt.txt': 'from a file',
      'screen.png': 'not looked into',
      'answer.schema.json': '{ "type": "object" }',
    })
    await rm(join(stage.path, '.git'), { recursive: true })
    const run = await stage.shell(`git init --quiet\n${commandsOf(readme.exec)}`)
    expect(run.stdout.trim().split('\n')).toEqual(answers)
    expect(run.code).toBe(0)
    const bodies = server.requests.map(({ body }) => JSON.stringify(body))
    expect(bodies[2]).toContain('from a file')
    expect(bodies[3]).toContain('from a file')
    expect(bodies[4]).toContain('data:image/png')
    expect(bodies[5]).toContain('json_schema')
    expect(await readFile(join(stage.path, 'answer.json'), 'utf8')).toBe('six')
  })

  it('trusts a hook, which then refuses a command', async () => {
    const remove = [call('exec_command', { cmd: 'rm -rf build' })]
    await using server = await modelServer([remove, ['left alone']])
    const found = readme.hook
    await using stage = await docStage({
      ...filesOf(found),
      'home/config.toml': configFor(server),
    })
    const trust = await stage.shell(commandsOf(found))
    expect(trust.stdout).toMatch(/^untrusted PreToolUse \[Bash\]/)
    expect(trust.stdout).toMatch(/^trusted \S+hooks\.json:pre_tool_use:0:0$/m)
    const run = await stage.run('hookline', ['exec', '--json', 'clean up'])
    expect(jsonLines(run.stdout).map(({ item }) => item)).toContainEqual(
      expect.objectContaining({
        type: 'command_execution',
        status: 'declined',
        declined_by: 'hook',
        reason: expect.stringContaining('rm -rf is not wanted here'),
      }),
    )
    expect(run.code).toBe(0)
  })

  it.skipIf(!canConfine)('confines a command', async () => {
    await using stage = await docStage({})
    const run = await stage.shell(commandsOf(readme.sandbox))
    expect(run).toMatchObject({ code: 0, stdout: 'refused\nyes\n' })
  })

  it('has a plugin that works, with a test that passes', async () => {
    const push = [call('exec_command', { cmd: 'git push' })]
    await using server = await modelServer([push, ['done']])
    await using stage = await docStage({
      ...filesOf(readme.plugin),
      'home/config.toml': configFor(server),
    })
    const own = await stage.run('node', ['--test'])
    expect(own.stdout).toMatch(/^.*pass 1$/m)
    expect(own.code).toBe(0)
    const run = await stage.run('hookline', ['exec', '--use', './no-push.ts', 'push'])
    expect(run).toMatchObject({ code: 0, stdout: 'done\n' })
    expect(JSON.stringify(server.requests[1]?.body)).toContain('a person pushes here')
  })

  it('leaves built-ins out and replaces one', async () => {
    const found = readme.builtins
    const files = filesOf(found)
    await using server = await modelServer([[call('request_user_input', {})], ['so be it']])
    await using stage = await docStage({
      ...files,
      'home/config.toml': configFor(server, files['home/config.toml']),
    })
    const doctor = await stage.run('hookline', ['doctor', '--json', '--use', './quiet-user.ts'])
    const names = pluginNames(doctor.stdout)
    expect(names).toContain('quiet-user')
    expect(names.filter((name) => /^(tool-view-image|notify)$/.test(name))).toEqual([])
    const run = await stage.run('hookline', ['exec', '--use', './quiet-user.ts', 'go'])
    expect(run).toMatchObject({ code: 0, stdout: 'so be it\n' })
    expect(JSON.stringify(server.requests[1]?.body)).toContain('decide by yourself')
  })

  it('assembles a command line', async () => {
    await using server = await modelServer([['hello']])
    await using stage = await docStage({
      ...filesOf(readme.plugin),
      ...filesOf(readme.cli),
      'home/config.toml': configFor(server),
    })
    const doctor = await stage.run('node', ['my-agent.ts', 'doctor', '--json'])
    const names = pluginNames(doctor.stdout)
    expect(names).toContain('no-push')
    expect(names).not.toContain('notify')
    const run = await stage.run('node', ['my-agent.ts', 'exec', 'hi'])
    expect(run).toMatchObject({ code: 0, stdout: 'hello\n' })
  })

  describe('the program that embeds a session', () => {
    const program = readme.embed.map(({ text }) => text).join('')
    const leave = call('exec_command', {
      cmd: 'echo outside',
      sandbox_permissions: 'require_escalated',
      justification: 'to see the date',
    })

    async function embed(text: string) {
      await using server = await modelServer([[leave], ['it is late']])
      await using stage = await docStage({
        'home/config.toml': configFor(server),
        'embed.ts': text,
      })
      const run = await stage.run('node', ['embed.ts'])
      return { ...run, events: jsonLines(run.stdout) }
    }

    it('has at most 15 lines', () => {
      expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(15)
    })

    it('streams the events of a turn and answers its approval', async () => {
      const { code, stderr, events } = await embed(program)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const types = events.map(({ type }) => type)
      expect(types[0]).toBe('session_started')
      expect(types).toContain('item_started')
      expect(types.at(-1)).toBe('turn_completed')
      expect(events.map(({ item }) => item)).toContainEqual(
        expect.objectContaining({
          type: 'command_execution',
          status: 'completed',
          aggregatedOutput: 'outside\n',
        }),
      )
    })

    it('is what the command depends on: another answer refuses it', async () => {
      const { code, events } = await embed(program.replace("'allow'", "'deny'"))
      expect(code).toBe(0)
      expect(events.map(({ item }) => item)).toContainEqual(
        expect.objectContaining({ status: 'declined', declinedBy: 'user' }),
      )
    })
  })
})

describe('docs/plugins.md', () => {
  it('begins with a plugin that watches', async () => {
    await using server = await modelServer([['hello']])
    const found = tutorial.first
    await using stage = await docStage({
      ...filesOf(found),
      'home/config.toml': configFor(server),
    })
    const run = await stage.shell(commandsOf(found))
    expect(run).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(run.stderr).toMatch(/notice: the turn completed after 20 tokens of output$/m)
  })

  it('ends with a plugin that has a setting, a tool, a manifest and a test', async () => {
    const push = [call('exec_command', { cmd: 'git push' })]
    await using server = await modelServer([push, [call('house_rules', {})], ['done']])
    const found = tutorial.rules
    const files = filesOf(found)
    await using stage = await docStage({
      ...files,
      'home/config.toml': configFor(server, files['home/config.toml']),
      // `use` starts from the folder of the file that names it.
      'home/house-rules.ts': files['house-rules.ts'] ?? '',
      'home/house-rules.ts.plugin.json': files['house-rules.ts.plugin.json'] ?? '',
    })
    const own = await stage.shell(commandsOf(found))
    expect(own.stdout).toMatch(/^.*pass 2$/m)
    expect(own.code).toBe(0)
    const run = await stage.run('hookline', ['exec', 'push'])
    expect(run).toMatchObject({ code: 0, stdout: 'done\n' })
    expect(JSON.stringify(server.requests[1]?.body)).toContain('"a person pushes here"')
    expect(JSON.stringify(server.requests[2]?.body)).toContain('git push: a person pushes here')
    const wrong = await stage.run('hookline', ['exec', '-c', 'house_rules=[{word="x"}]', 'push'])
    expect(wrong.stderr).toMatch(/^error\[CONFIG_INVALID\].*house_rules\.0\.reason is missing/m)
    expect(wrong.code).toBe(1)
  })
})

describe('docs/hooks.md', () => {
  it('begins with the same hook as the README', () => {
    expect(filesOf(hooksPage.hook)['home/hooks.json']).toBe(filesOf(readme.hook)['home/hooks.json'])
  })

  it('trusts the hook and tries it', async () => {
    await using stage = await docStage(filesOf(hooksPage.hook))
    const run = await stage.shell(commandsOf(hooksPage.hook))
    expect(run).toMatchObject({ code: 0 })
    expect(run.stdout).toMatch(/^untrusted PreToolUse \[Bash\]/)
    expect(run.stdout).toMatch(/^verdict +deny: rm -rf is not wanted here$/m)
  })
})

it('shows programs that satisfy the type checker', async () => {
  const sources = blocks.flatMap(({ name, file, text }) =>
    // Pieces of one name import one another; the plugin of the README is used by others, too.
    file?.endsWith('.ts') ? [[`${name === 'cli' ? 'plugin' : name}/${file}`, text] as const] : [],
  )
  const wrong = "import { createHost } from 'hookline'\ncreateHost({})\n"
  const files = { ...Object.fromEntries(sources), 'wrong/call.ts': wrong }
  await using stage = await docStage(files)
  const options = `--noEmit --strict --module nodenext --target es2025 --lib es2025,esnext.disposable
    --types node --skipLibCheck --allowImportingTsExtensions --noUncheckedIndexedAccess
    --verbatimModuleSyntax --exactOptionalPropertyTypes --customConditions hookline-source`
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const run = await stage.run('node', [compiler, ...options.split(/\s+/), ...Object.keys(files)])
  // What is wrong in our own modules is told elsewhere.
  const faults = run.stdout.split('\n').filter((line) => /^[\w-]+\//.test(line))
  expect(faults).toEqual([expect.stringMatching(/^wrong\/call\.ts.*plugins/)])
})

it('takes up every mark: one that nobody tests is a promise that nobody keeps', () => {
  const taken = [readme, tutorial, hooksPage].flatMap((page) => Object.values(page))
  expect(taken.every((found) => found.length > 0)).toBe(true)
  expect(new Set(taken.flat())).toEqual(new Set(blocks))
})
