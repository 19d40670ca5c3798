import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { definePlugin, type AnyPlugin } from 'hookline'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  temporaryHome,
  testKernel,
  transcript,
  type ScriptedTurn,
} from 'hookline/testing'
import { hookSourcesKey } from './hook-bundles.ts'
import { commandHooks } from './index.ts'
import { isTable } from './shape.ts'

/** A bundle for Claude Code: its hooks file, and its scripts. */
export interface Bundle {
  readonly hooks: object
  readonly scripts: Readonly<Record<string, string>>
}

/** A session with a bundle, as a test wants it. */
export interface GivenBundle {
  readonly bundle: Bundle
  readonly turns?: readonly ScriptedTurn[]
  /** Of the project. */
  readonly files?: Readonly<Record<string, string>>
  readonly plugins?: readonly AnyPlugin[]
  readonly ephemeral?: boolean
}

/** A session under test with a bundle in its cache. */
export interface Installed extends AsyncDisposable {
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

const write = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  await chmod(path, 0o755)
}

/** Installs a bundle of the claude dialect, and opens a session of its own project. */
export async function install({
  bundle,
  turns = [],
  files = {},
  plugins = [],
  ...rest
}: GivenBundle): Promise<Installed> {
  const folder = await temporaryHome()
  const root = join(folder.path, 'cache/mkt/it/1.0.0')
  const project = join(folder.path, 'project')
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
        files: [{ path, dialect: 'claude' as const, root, dataDir }],
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

/** A group with one command. */
export const command = (text: string, more: object = {}) => ({
  hooks: [{ type: 'command', command: text, ...more }],
})

/** The first line of a script that reads its event. */
export const readStdin = `const input = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))\n`

/** A model that calls the shell. */
export const shell = (text: string): ScriptedTurn => [
  { call: 'exec_command', args: { command: text } },
]
