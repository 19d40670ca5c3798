import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyPlugin, ThreadItem, Tool, ToolOutput, TurnRecord } from 'hookline'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  temporaryHome,
  testKernel,
  transcript,
  type ScriptedModel,
  type ScriptedTurn,
  type TestKernel,
} from 'hookline/testing'
import type { Dialect } from './dialect.ts'
import { commandHooks } from './index.ts'

/** A session with hooks, as a test wants it. */
export interface Given {
  /** By event; `{{home}}` in commands is the folder of the session. */
  readonly hooks?: Readonly<Record<string, readonly unknown[]>>
  readonly turns?: readonly ScriptedTurn[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly source?: string
  readonly dialect?: Dialect
  /** Beside the shell. */
  readonly plugins?: readonly AnyPlugin[]
  /** What the shell does; default it says what it was given. */
  readonly shell?: (input: unknown) => string | ToolOutput
  /** Further fields of the shell. */
  readonly shellTool?: Partial<Tool>
  /** Further files of the folder, by relative path. */
  readonly files?: Readonly<Record<string, string>>
}

/** A session under test with real hooks, whose home is also its working directory. */
export interface Trial extends AsyncDisposable {
  readonly test: TestKernel
  readonly home: string
  readonly requests: ScriptedModel['requests']
  run(prompt?: string): Promise<TurnRecord>
  /** The conversation, line by line. */
  said(): readonly string[]
  shown(type: ThreadItem['type']): readonly ThreadItem[]
  /** What a hook that ran `cat > {{home}}/NAME` was given. */
  stdin(name: string): Promise<Readonly<Record<string, unknown>>>
}

const bash: Partial<Tool> = {
  hooks: {
    name: 'Bash',
    toInput: (input) => input,
    fromInput(_input, rewritten) {
      const isCommand =
        typeof rewritten === 'object' && rewritten !== null && 'command' in rewritten
      if (isCommand) return rewritten
      throw new Error('hook returned updatedInput without string field `command`')
    },
  },
}

/** Makes a session from hooks and a script. Everything may run; files of other products are not read. */
export async function trial(given: Given = {}): Promise<Trial> {
  const { hooks = {}, turns = [], settings = {}, source = 'test', dialect, plugins = [] } = given
  // A project of its own, whatever folders are around the temporary ones.
  const home = await temporaryHome({ '.git/HEAD': '', ...given.files })
  const text = JSON.stringify({ hooks, dialect }).replaceAll('{{home}}', home.path)
  await writeFile(join(home.path, 'hooks.json'), text)
  const model = scriptedModel(turns)
  const run = given.shell ?? ((input: unknown) => `ran ${JSON.stringify(input)}`)
  const tool = scriptedTool('exec_command', run, { ...bash, ...given.shellTool })
  const test = await testKernel([model.plugin, tool, ...plugins, commandHooks], {
    home: home.path,
    source,
    settings: { approval_policy: 'never', bypass_hook_trust: true, compat: [], ...settings },
  })
  return {
    test,
    home: home.path,
    requests: model.requests,
    run: (prompt = 'do it') => runTurn(test, prompt),
    said: () => transcript(test.session.items),
    shown: (type) =>
      test.events
        .filter((event) => event.type === 'item_completed')
        .map(({ item }) => item)
        .filter((item) => item.type === type),
    stdin: async (name) => JSON.parse(await readFile(join(home.path, name), 'utf8')),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

/** A group with one handler. */
export function handler(command: string, more: object = {}): { readonly hooks: readonly object[] } {
  return { hooks: [{ type: 'command', command, ...more }] }
}

/** A command that answers with `hookSpecificOutput`. */
export function answer(hookEventName: string, specific: object): string {
  const text = JSON.stringify({ hookSpecificOutput: { hookEventName, ...specific } })
  return `cat > /dev/null; echo '${text}'`
}

/** A model that makes one call of a shell, then is done. */
export const oneCall: readonly ScriptedTurn[] = [
  [{ call: 'exec_command', args: { command: 'ls' }, callId: 'c1' }],
  ['done'],
]

/** Waits until a hook has written something into a file. */
export async function contentOf(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text !== '') return text
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A session of the claude dialect. */
export function claudeTrial(given: Given = {}): Promise<Trial> {
  return trial({ ...given, dialect: 'claude' })
}

/** A command that keeps what it was given in `{{home}}/NAME`, and answers with JSON. */
export function keepAndSay(name: string, answered: object): string {
  return `cat > {{home}}/${name}; echo '${JSON.stringify(answered)}'`
}

/** A command that answers with JSON. */
export function say(answered: object): string {
  return `cat > /dev/null; echo '${JSON.stringify(answered)}'`
}
