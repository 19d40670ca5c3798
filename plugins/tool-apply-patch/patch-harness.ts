import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { catalogKey, definePlugin, textOf, type AnyPlugin, type ModelInfo } from 'hookline'
import {
  runTurn,
  scriptedModel,
  temporaryHome,
  testKernel,
  type ScriptedModel,
  type TestKernel,
} from 'hookline/testing'
import { toolApplyPatch } from './index.ts'

/** A patch of the given lines. */
export const wrap = (...lines: string[]) =>
  `${['*** Begin Patch', ...lines, '*** End Patch'].join('\n')}\n`
/** A patch that adds `new.txt`. */
export const addNew = wrap('*** Add File: new.txt', '+hello')

function catalog(applyPatch: ModelInfo['applyPatch']): AnyPlugin {
  const info: ModelInfo = {
    slug: 'm',
    known: true,
    contextWindow: 1000,
    parallelToolCalls: true,
    applyPatch,
    toolMode: 'direct',
  }
  return definePlugin({
    name: 'catalog',
    power: 'shape',
    setup({ services }) {
      services.provide(catalogKey, 'default', () => ({ defaultModel: 'm', describe: () => info }))
    },
  })
}

/** A turn in which the model sent one patch. */
export interface Run {
  readonly output: string
  readonly model: ScriptedModel
  readonly test: TestKernel
  /** The texts of a file; undefined where it is not there. */
  readonly read: (name: string) => Promise<string | undefined>
}

/** What a run may have beside its patch. */
export interface Setting {
  readonly files?: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, unknown>>
  readonly plugins?: readonly AnyPlugin[]
  readonly applyPatch?: ModelInfo['applyPatch']
  /** Called with the working directory before the session opens. */
  readonly prepare?: (folder: string) => Promise<unknown>
}

/** Has the model send a patch, in a workspace with nothing else writable beside it, and looks at what came of it. */
export async function run(patch: string, look: (run: Run) => Promise<void>, setting: Setting = {}) {
  // Nothing but the working directory is a writable root.
  await using home = await temporaryHome({ 'ws/.keep': '', 'outside/.keep': '' })
  const cwd = join(home.path, 'ws')
  for (const [name, text] of Object.entries(setting.files ?? {})) {
    await writeFile(join(cwd, name), text)
  }
  await setting.prepare?.(cwd)
  const model = scriptedModel([[{ custom: 'apply_patch', input: patch }]])
  const plugins = [model.plugin, catalog(setting.applyPatch ?? 'freeform'), toolApplyPatch]
  await using test = await testKernel([...plugins, ...(setting.plugins ?? [])], {
    home: home.path,
    cwd,
    settings: {
      sandbox_mode: 'workspace-write',
      sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
      approval_policy: 'never',
      ...setting.settings,
    },
  })
  await runTurn(test, 'do it')
  const answer = model.requests[1]?.items.findLast((item) => item.type === 'tool_output')
  const read = (name: string) => readFile(join(cwd, name), 'utf8').catch(() => undefined)
  await look({ output: textOf(answer?.output ?? ''), model, test, read })
}

/** All that was shown of calls, in order. */
export const itemEvents = (test: TestKernel) =>
  test.events.flatMap((event) =>
    (event.type === 'item_started' || event.type === 'item_completed') &&
    event.item.type !== 'agent_message'
      ? [[event.type, event.item] as const]
      : [],
  )
