import { realpathSync } from 'node:fs'
import { constants, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { HooklineError, type ProcessExit, type SandboxBackend, SettingsLayers } from 'hookline'
import { bwrapBackend } from 'hookline/plugins/sandbox-bwrap'
import { noneBackend } from 'hookline/plugins/sandbox-none'
import { coreSettings } from '../../core/core-settings.ts'
import { sandboxPolicy, type SandboxSettings } from '../../core/sandbox-policy.ts'
import { resolveSettings } from '../../core/settings.ts'
import { readLayers, systemFile } from '../../plugins/config-files/layers.ts'
import { stopOnSignals } from '../signals.ts'
import { parseSandboxWords, type SandboxWords, sandboxUsage } from './sandbox-words.ts'

/** What the command depends on; a test puts its own in place. */
export interface SandboxContext {
  readonly cwd: string
  /** The user's home of the product. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly systemFile: string
  readonly backends: Readonly<Record<string, SandboxBackend>>
}

/**
 * `hookline sandbox`: runs a command as the tools of a session would, with our own stdin, stdout and stderr. Resolves
 * to the exit code of the command, which is 128 and the number of the signal that ended it.
 */
export async function sandboxCommand(
  words: readonly string[],
  given: Partial<SandboxContext> = {},
): Promise<number> {
  const parsed = parseSandboxWords(words)
  if (parsed === 'help') {
    process.stdout.write(sandboxUsage)
    return 0
  }
  const context = { ...defaultContext(), ...given }
  const cwd = folderOf(resolve(context.cwd, parsed.folder ?? '.'))
  const settings = await settingsFor(parsed, cwd, context)
  const policy = sandboxPolicy(settings, { ...context, cwd, platform: process.platform })
  return run({ ...parsed, cwd, policy }, context)
}

function defaultContext(): SandboxContext {
  return {
    cwd: process.cwd(),
    home: resolve(process.env['HOOKLINE_HOME'] || join(homedir(), '.hookline')),
    env: process.env,
    systemFile,
    backends: { bwrap: bwrapBackend, none: noneBackend },
  }
}

/** The folder itself: what a link to it leads to may change while the command runs. */
function folderOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (cause) {
    throw new HooklineError('FILE_UNREADABLE', `the folder "${path}" cannot be used`, {
      hint: 'name a folder that exists with -C',
      cause,
    })
  }
}

const settingKeys = [
  'sandbox_mode',
  'sandbox_workspace_write',
  'permissions',
  'default_permissions',
  'sandbox_backend',
] as const satisfies readonly (keyof SandboxSettings)[]

async function settingsFor(
  { mode, profile, overrides, configProfile }: SandboxWords,
  cwd: string,
  { home, systemFile: system }: SandboxContext,
): Promise<SandboxSettings> {
  const flags = {
    ...(mode === undefined ? {} : { sandbox_mode: mode }),
    ...(profile === undefined ? {} : { default_permissions: profile }),
  }
  const { layers } = await readLayers({
    systemFile: system,
    home,
    cwd,
    overrides,
    flags,
    ...(configProfile === undefined ? {} : { profile: configProfile }),
  })
  const ours = layers.map((layer) => ({
    ...layer,
    values: Object.fromEntries(
      settingKeys.flatMap((key) =>
        Object.hasOwn(layer.values, key) ? [[key, layer.values[key]]] : [],
      ),
    ),
  }))
  const claims = new Map(
    settingKeys.map((key) => [key, { owner: 'core', setting: coreSettings[key] }]),
  )
  const { values, warnings } = await resolveSettings(SettingsLayers.of(...ours), claims, {
    strict: false,
  })
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
  // Every key of ours was claimed, so it was parsed by its schema.
  const settings = values as unknown as SandboxSettings
  return profile === undefined ? settings : { ...settings, sandbox_mode: undefined }
}

interface Order extends SandboxWords {
  readonly cwd: string
  readonly policy: ReturnType<typeof sandboxPolicy>
}

async function run(
  { command, cwd, policy }: Order,
  { backends, env }: SandboxContext,
): Promise<number> {
  const backend = Object.hasOwn(backends, policy.backend) ? backends[policy.backend] : undefined
  if (backend === undefined) {
    throw new HooklineError(
      'SANDBOX_UNAVAILABLE',
      `this command cannot use the sandbox "${policy.backend}"`,
      {
        hint: `set sandbox_backend to one of ${Object.keys(backends).join(', ')}`,
      },
    )
  }
  const stopped = new AbortController()
  using signals = stopOnSignals(async () => stopped.abort())
  const plan = {
    command,
    cwd,
    env: definedOf(env),
    tty: false,
    sandbox: policy,
    stdio: 'inherit',
  } as const
  const running = await backend.spawn(plan, stopped.signal)
  const code = exitCodeOf(await running.exited)
  if (code === 1) await checkAvailable(backend)
  return signals.exitCode() ?? code
}

/** A sandbox that could not be made ends with 1 as well; only then is it worth a trial. */
async function checkAvailable(backend: SandboxBackend): Promise<void> {
  const found = await backend.available()
  if (found.ok) return
  throw new HooklineError('SANDBOX_UNAVAILABLE', `the command was not started: ${found.reason}`, {
    hint: found.remedy,
  })
}

function definedOf(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function exitCodeOf({ code, signal }: ProcessExit): number {
  const numbers: Readonly<Record<string, number>> = constants.signals
  return code ?? 128 + (numbers[signal ?? ''] ?? 0)
}
