import { resolve } from 'node:path'
import { serverEnvironment, type Variables } from './environment.ts'
import type { ApprovalMode, ServerSettings, ServersSettings } from './settings.ts'

const startupMs = 10_000
const callMs = 60_000
/** What a timer can take. */
const longestMs = 2 ** 31 - 1

/** What it takes to start a server. */
export interface Launch {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Variables
  readonly startupTimeoutMs: number
}

/** A server as a session uses it. */
export interface ServerSpec {
  readonly launch: Launch
  readonly required: boolean
  readonly callTimeoutMs: number
  /** Its tools may run beside other calls. */
  readonly parallel: boolean
  /** Whether the model is offered a tool; by its original name. */
  offers(tool: string): boolean
  approval(tool: string): ApprovalMode
}

/** Where and among what a server is started. */
export interface Surroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** The configured servers that are not disabled: those that can be used, and the names of those that cannot yet. */
export interface ServerSpecs {
  readonly usable: readonly ServerSpec[]
  readonly unusable: readonly { readonly name: string; readonly required: boolean }[]
}

function milliseconds(value: number): number {
  return Math.min(Math.ceil(value), longestMs)
}

function startupTimeout({
  startup_timeout_sec: sec,
  startup_timeout_ms: ms,
}: ServerSettings): number {
  if (sec !== undefined) return milliseconds(sec * 1000)
  return ms === undefined ? startupMs : milliseconds(ms)
}

function specOf(
  [name, settings]: readonly [string, ServerSettings],
  command: string,
  { cwd, env }: Surroundings,
): ServerSpec {
  const allowed = settings.enabled_tools && new Set(settings.enabled_tools)
  const denied = new Set(settings.disabled_tools)
  const modes = new Map(Object.entries(settings.tools ?? {}))
  const { tool_timeout_sec: seconds } = settings
  return {
    launch: {
      name,
      command,
      args: settings.args ?? [],
      cwd: resolve(cwd, settings.cwd ?? '.'),
      env: serverEnvironment(settings, env),
      startupTimeoutMs: startupTimeout(settings),
    },
    required: settings.required ?? false,
    callTimeoutMs: seconds === undefined ? callMs : milliseconds(seconds * 1000),
    parallel: settings.supports_parallel_tool_calls ?? false,
    offers: (tool) => (allowed?.has(tool) ?? true) && !denied.has(tool),
    approval: (tool) =>
      modes.get(tool)?.approval_mode ?? settings.default_tools_approval_mode ?? 'auto',
  }
}

/** What the settings come down to. */
export function serverSpecs(servers: ServersSettings, around: Surroundings): ServerSpecs {
  const enabled = Object.entries(servers).filter(([, settings]) => settings.enabled ?? true)
  return {
    usable: enabled.flatMap((entry) => {
      const { command } = entry[1]
      return command === undefined ? [] : [specOf(entry, command, around)]
    }),
    unusable: enabled
      .filter(([, { command }]) => command === undefined)
      .map(([name, { required = false }]) => ({ name, required })),
  }
}
