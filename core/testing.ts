import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { HooklineError } from './errors.ts'
import { createHost, type SessionOptions } from './host.ts'
import { textOf, type Item, type Part } from './items.ts'
import type { Kernel } from './kernel.ts'
import { definePlugin, type AnyPlugin } from './plugin.ts'
import { noUsage, type SessionEvent, type Usage } from './points/events.ts'
import type { ModelEvent, ModelRequest } from './points/model.ts'
import type { Tool, ToolOutput } from './points/tool.ts'
import type { TurnRecord } from './points/progress.ts'
import { modelKey, toolKey } from './service-keys.ts'
import type { Services } from './services.ts'
import type { Session } from './turn/session.ts'

export { modelServer } from './testing-model-server.ts'
export type { ModelServer, RecordedRequest, ServerTurn } from './testing-model-server.ts'

/** A temporary home of the product; disposing removes it. */
export interface TemporaryHome extends AsyncDisposable {
  readonly path: string
}

/** Makes a temporary folder with files by relative path. */
export async function temporaryHome(
  files: Readonly<Record<string, string>> = {},
): Promise<TemporaryHome> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'hookline-test-')))
  for (const [name, text] of Object.entries(files)) {
    const file = join(path, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** One scripted answer of a model: texts and calls, in order. */
export type ScriptedTurn = readonly ScriptedItem[]

export type ScriptedItem =
  | string
  /** A call with JSON arguments. */
  | { readonly call: string; readonly args?: unknown; readonly callId?: string }
  /** A call with free text. */
  | { readonly custom: string; readonly input: string; readonly callId?: string }
  /** An attempt that fails. */
  | { readonly fail: HooklineError }

export interface ScriptedModel {
  readonly plugin: AnyPlugin
  /** The requests it was sent, in order; items as they were then. */
  readonly requests: readonly ModelRequest[]
}

const usage: Usage = { ...noUsage, inputTokens: 100, outputTokens: 20 }

function itemOf(entry: Exclude<ScriptedItem, { readonly fail: HooklineError }>, id: string): Item {
  if (typeof entry === 'string')
    return {
      type: 'message',
      id: `msg_${id}`,
      role: 'assistant',
      parts: [{ type: 'text', text: entry }],
    }
  if ('custom' in entry) {
    const callId = entry.callId ?? `call_${id}`
    return {
      type: 'tool_call',
      id: `ctc_${id}`,
      callId,
      name: entry.custom,
      payload: { kind: 'text', text: entry.input },
    }
  }
  const callId = entry.callId ?? `call_${id}`
  return {
    type: 'tool_call',
    id: `fc_${id}`,
    callId,
    name: entry.call,
    payload: { kind: 'json', text: JSON.stringify(entry.args ?? {}) },
  }
}

async function* play(turn: ScriptedTurn, at: number): AsyncGenerator<ModelEvent> {
  for (const [index, entry] of turn.entries()) {
    if (typeof entry === 'object' && 'fail' in entry) throw entry.fail
    yield { type: 'item', item: itemOf(entry, `${at}_${index}`) }
  }
  yield { type: 'completed', usage }
}

/** A model that answers from a script, one entry a request; when the script is over it says `done`. Its provider id is `scripted`. */
export function scriptedModel(turns: readonly ScriptedTurn[]): ScriptedModel {
  const requests: ModelRequest[] = []
  const plugin = definePlugin({
    name: 'scripted-model',
    power: 'decide',
    setup({ services }) {
      services.provide(modelKey, 'scripted', () => ({
        name: 'scripted',
        requestMaxRetries: 0,
        streamMaxRetries: 0,
        stream(request) {
          requests.push({ ...request, items: [...request.items] })
          return play(turns[requests.length - 1] ?? ['done'], requests.length)
        },
      }))
    },
  })
  return { plugin, requests }
}

/** A tool with a fixed outcome, or one computed from its input. */
export function scriptedTool(
  name: string,
  outcome: string | ((input: unknown) => string | ToolOutput),
  more: Partial<Tool> = {},
): AnyPlugin {
  const tool: Tool = {
    name,
    description: `scripted tool ${name}`,
    input: { kind: 'json', schema: { type: 'object' }, parse: (value) => value },
    parallel: true,
    repeatable: false,
    run: async (input) => {
      const result = typeof outcome === 'string' ? outcome : outcome(input)
      return typeof result === 'string' ? { output: result, response: result } : result
    },
    ...more,
  }
  return definePlugin({
    name: `scripted-tool-${name.replaceAll('_', '-')}`,
    power: 'shape',
    setup({ services }) {
      services.provide(toolKey, name, () => tool)
    },
  })
}

/** A session under test with what it told. */
export interface TestKernel extends AsyncDisposable {
  readonly session: Session
  readonly kernel: Kernel
  readonly services: Services
  /** Failures of plugins and taps, in order. */
  readonly errors: readonly HooklineError[]
  /** Every event so far. */
  readonly events: readonly SessionEvent[]
}

export interface TestOptions extends Partial<Omit<SessionOptions, 'plugins'>> {
  readonly home?: string
}

/**
 * Opens a session with the given plugins in a temporary home. Without a model of its own it gets one that says `done`.
 * Settings are given with the names of config.toml; no file is read unless a plugin among them does.
 */
export async function testKernel(
  plugins: readonly AnyPlugin[],
  options: TestOptions = {},
): Promise<TestKernel> {
  const { home: given, settings, ...rest } = options
  const home = given === undefined ? await temporaryHome() : undefined
  const path = given ?? home?.path ?? ''
  const errors: HooklineError[] = []
  const events: SessionEvent[] = []
  const watcher = definePlugin({
    name: 'test-watcher',
    setup({ hooks }) {
      hooks.pluginFailure.tap('errors', (error) => void errors.push(error))
      hooks.event.tap('events', (event) => void events.push(event))
    },
  })
  const hasModel = plugins.some(
    (plugin) => plugin.name.includes('model') && plugin.name !== 'model-catalog',
  )
  const all = [watcher, ...(hasModel ? [] : [scriptedModel([]).plugin]), ...plugins]
  const host = createHost({ home: path, plugins: all })
  try {
    const session = await host.session({
      cwd: path,
      source: 'test',
      ephemeral: true,
      ...rest,
      settings: {
        model: 'scripted-model',
        model_provider: 'scripted',
        sandbox_mode: 'danger-full-access',
        ...settings,
      },
    })
    return {
      session,
      kernel: session.kernel,
      services: session.kernel.services,
      errors,
      events,
      [Symbol.asyncDispose]: async () => {
        await host[Symbol.asyncDispose]()
        await home?.[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await home?.[Symbol.asyncDispose]()
    throw error
  }
}

/** Runs one turn to its end. */
export function runTurn(test: TestKernel, prompt: string): Promise<TurnRecord> {
  return test.session.run(prompt).done
}

/** The texts of a conversation in order, as `role: text` and `tool: output`, for short expectations. */
export function transcript(items: readonly Item[]): readonly string[] {
  return items.map((item) => {
    if (item.type === 'message') return `${item.role}: ${joined(item.parts)}`
    if (item.type === 'tool_call') return `call ${item.name}: ${item.payload.text}`
    if (item.type === 'tool_output') return `output: ${joined(item.output)}`
    return item.type
  })
}

function joined(parts: string | readonly Part[]): string {
  return textOf(parts)
}
