import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  definePlugin,
  mcpKey,
  modelKey,
  noUsage,
  type AnyPlugin,
  type Item,
  type McpServers,
  type ModelEvent,
  type ModelRequest,
  type Part,
  type SessionEvent,
  type ThreadItem,
} from 'hookline'
import { runTurn, testKernel, type TestKernel, type TestOptions } from 'hookline/testing'
import { mcpClient } from './index.ts'
import type { ServerSettings } from './settings.ts'

const probe = fileURLToPath(new URL('./fixtures/sdk-server.mjs', import.meta.url))
const hostile = fileURLToPath(new URL('./fixtures/hostile-server.mjs', import.meta.url))

/** Settings of the well-behaved server. */
export function sdkServer(more: ServerSettings = {}): ServerSettings {
  return { command: process.execPath, args: [probe], ...more }
}

/** Settings of a server that misbehaves as `words` say. */
export function hostileServer(words: readonly string[], more: ServerSettings = {}): ServerSettings {
  return {
    command: process.execPath,
    args: [hostile, ...words],
    ...more,
  }
}

/** A call of a tool that the model makes. */
export interface ModelCall {
  readonly tool: string
  /** The namespace; '' for a tool without one. */
  readonly server?: string
  readonly args?: unknown
}

/** A model that makes these calls, one response each, and then says `done`. */
export interface CallingModel {
  readonly plugin: AnyPlugin
  readonly requests: readonly ModelRequest[]
  /** What the calls were answered, in order. */
  outputs(): readonly (string | readonly Part[])[]
  /** The tools that a request offered, by namespace and name. */
  offered(request: number): readonly string[]
}

function itemOf({ tool, server = 'mcp__probe', args = {} }: ModelCall, at: number): Item {
  const payload = { kind: 'json', text: JSON.stringify(args) } as const
  const base = {
    type: 'tool_call',
    id: `fc_${at}`,
    callId: `call_${at}`,
    name: tool,
    payload,
  } as const
  return server === '' ? base : { ...base, namespace: server }
}

async function* play(call: ModelCall | undefined, at: number): AsyncGenerator<ModelEvent> {
  const done: Item = {
    type: 'message',
    id: 'msg',
    role: 'assistant',
    parts: [{ type: 'text', text: 'done' }],
  }
  yield { type: 'item', item: call ? itemOf(call, at) : done }
  yield { type: 'completed', usage: noUsage }
}

/** Makes a model that calls namespaced tools. */
export function callingModel(calls: readonly ModelCall[]): CallingModel {
  const requests: ModelRequest[] = []
  const plugin = definePlugin({
    name: 'calling-model',
    power: 'decide',
    setup({ services }) {
      services.provide(modelKey, 'scripted', () => ({
        name: 'scripted',
        requestMaxRetries: 0,
        streamMaxRetries: 0,
        stream(request) {
          requests.push({ ...request, items: [...request.items] })
          return play(calls[requests.length - 1], requests.length)
        },
      }))
    },
  })
  return {
    plugin,
    requests,
    outputs: () =>
      (requests.at(-1)?.items ?? []).flatMap((item) =>
        item.type === 'tool_output' ? [item.output] : [],
      ),
    offered: (at) =>
      (requests[at]?.tools ?? []).map(({ name, namespace = '' }) => `${namespace}/${name}`),
  }
}

/** An output as text: its parts one below the other, without the time it took. */
export function plainOutput(output: string | readonly Part[] | undefined): string {
  const parts = typeof output === 'string' ? [output] : (output ?? [])
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part
    return part.type === 'text' ? part.text : part.imageUrl.slice(0, 22)
  })
  return texts.join('\n').replace(/Wall time: \d+\.\d{4} seconds/, 'Wall time: … seconds')
}

/** The items that ended, in order. */
function endedItems(events: readonly SessionEvent[]): readonly ThreadItem[] {
  return events.flatMap((event) => (event.type === 'item_completed' ? [event.item] : []))
}

/** The warnings that the user was shown. */
export function warnings(events: readonly SessionEvent[]): readonly string[] {
  return endedItems(events).flatMap((item) => (item.type === 'error' ? [item.message] : []))
}

/** The service of a session. */
export function serversOf(test: TestKernel): McpServers {
  return test.services.get(mcpKey, 'default')
}

/** Whether a process still runs. */
export function isAlive(pid: number): boolean {
  try {
    // A dead one may still be listed, until somebody has asked how it ended.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** What a turn does otherwise than by default. */
export interface ProbeOptions extends TestOptions {
  readonly server?: ServerSettings
}

/** Runs one turn in which the model makes the calls, with the well-behaved server unless another is given. */
export async function probeTurn(
  calls: readonly ModelCall[],
  { server, settings, ...rest }: ProbeOptions = {},
) {
  const model = callingModel(calls)
  const responses: unknown[] = []
  const chunks: string[] = []
  const watcher = definePlugin({
    name: 'watcher',
    power: 'shape',
    setup({ hooks }) {
      hooks.postToolUse.tap('response', ({ response }) => void responses.push(response))
      hooks.toolOutput.tap('chunks', ({ text }) => void chunks.push(text))
    },
  })
  const options = {
    ...rest,
    settings: {
      mcp_servers: { probe: server ?? sdkServer() },
      approval_policy: 'never',
      ...settings,
    },
  }
  await using test = await testKernel([model.plugin, mcpClient, watcher], options)
  await runTurn(test, 'go')
  const outputs = model.outputs().map(plainOutput)
  return {
    model,
    faults: test.errors,
    outputs,
    responses,
    chunks,
    items: endedItems(test.events),
    events: [...test.events],
  }
}
