import { mkdirSync } from 'node:fs'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
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
import { describe, expect, it } from 'vitest'
import { toolApplyPatch } from './index.ts'

const wrap = (...lines: string[]) =>
  `${['*** Begin Patch', ...lines, '*** End Patch'].join('\n')}\n`
const addNew = wrap('*** Add File: new.txt', '+hello')

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

interface Run {
  readonly output: string
  readonly model: ScriptedModel
  readonly test: TestKernel
  /** The texts of a file; undefined where it is not there. */
  readonly read: (name: string) => Promise<string | undefined>
}

interface Setting {
  readonly files?: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, unknown>>
  readonly plugins?: readonly AnyPlugin[]
  readonly applyPatch?: ModelInfo['applyPatch']
  /** Looks at the run while its folder is there. */
  readonly prepare?: (folder: string) => Promise<unknown>
}

async function run(patch: string, look: (run: Run) => Promise<void>, setting: Setting = {}) {
  // Below the working directory, so that nothing else is a writable root.
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

const itemEvents = (test: TestKernel) =>
  test.events.flatMap((event) =>
    (event.type === 'item_started' || event.type === 'item_completed') &&
    event.item.type !== 'agent_message'
      ? [[event.type, event.item] as const]
      : [],
  )

async function withWaysOut(cwd: string): Promise<void> {
  await mkdir(join(cwd, '.git'))
  await symlink('../outside', join(cwd, 'link'))
  await symlink('../outside/n.txt', join(cwd, 'dangling'))
}

async function seesThatItDoesNotFit({ output, test }: Run): Promise<void> {
  const path = join(test.session.facts.cwd, 'f.txt')
  expect(output).toBe(
    `apply_patch verification failed: Failed to find expected lines in ${path}:\nnope`,
  )
  expect(itemEvents(test)).toEqual([])
}

describe('apply_patch', () => {
  it('applies a patch, reports it as a finished command and shows the change', async () => {
    await run(addNew, async ({ output, test, read }) => {
      expect(output).toMatch(
        /^Exit code: 0\nWall time: \d+\.\d seconds\nOutput:\nSuccess\. Updated the following files:\nA new\.txt\n$/,
      )
      expect(await read('new.txt')).toBe('hello\n')
      const path = join(test.session.facts.cwd, 'new.txt')
      const shown = { type: 'file_change', changes: [{ path, kind: 'add' }] }
      expect(itemEvents(test)).toEqual([
        ['item_started', expect.objectContaining({ ...shown, status: 'in_progress' })],
        ['item_completed', expect.objectContaining({ ...shown, status: 'completed' })],
      ])
    })
  })

  it('answers a patch that does not fit without an item', async () => {
    const patch = wrap('*** Update File: f.txt', '@@', '-nope', '+x')
    await run(patch, seesThatItDoesNotFit, { files: { 'f.txt': 'a\n' } })
    // Nobody is bothered with it either.
    await run(patch, seesThatItDoesNotFit, {
      files: { 'f.txt': 'a\n' },
      settings: { sandbox_mode: 'read-only' },
    })
  })

  const outside =
    'patch rejected: writing outside of the project; rejected by user approval settings'

  it.each([
    ['a path that leads out', '../outside/n.txt'],
    ['a link that leads out', 'link/n.txt'],
    ['a link to nothing outside', 'dangling'],
    ['a protected name', '.git/hooks/post-commit'],
  ])('refuses %s', async (_what, path) => {
    await run(
      wrap(`*** Add File: ${path}`, '+x'),
      async ({ output, test, read }) => {
        expect(output).toBe(outside)
        expect(await read('../outside/n.txt')).toBeUndefined()
        expect(await read('.git/hooks/post-commit')).toBeUndefined()
        const changes = [{ path: join(test.session.facts.cwd, path), kind: 'add' }]
        expect(itemEvents(test)).toContainEqual([
          'item_completed',
          expect.objectContaining({ type: 'file_change', changes, status: 'declined' }),
        ])
      },
      { prepare: withWaysOut },
    )
  })

  it('refuses all of a patch of which one file lies outside', async () => {
    const patch = wrap('*** Add File: in.txt', '+x', '*** Add File: ../outside/n.txt', '+x')
    await run(patch, async ({ output, read }) => {
      expect(output).toBe(outside)
      expect(await read('in.txt')).toBeUndefined()
    })
  })

  it('refuses every write in the read-only sandbox', async () => {
    await run(
      addNew,
      async ({ output, read }) => {
        expect(output).toBe(
          'patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings',
        )
        expect(await read('new.txt')).toBeUndefined()
      },
      { settings: { sandbox_mode: 'read-only' } },
    )
  })

  it('does not hand on a file that may not be read', async () => {
    const patch = wrap('*** Update File: secret', '*** Move to: copy.txt', '@@', '+x')
    await run(
      patch,
      async ({ output, read }) => {
        expect(output).toContain('the policy denies reading it')
        expect(await read('copy.txt')).toBeUndefined()
      },
      {
        files: { secret: 'top\n' },
        settings: {
          sandbox_mode: undefined,
          default_permissions: 'p',
          permissions: {
            p: {
              extends: ':workspace',
              filesystem: { ':workspace_roots': { '.': 'write', '**/secret': 'deny' } },
            },
          },
        },
      },
    )
  })

  it('asks about every change under the policy untrusted', async () => {
    const asked: unknown[] = []
    const approver = definePlugin({
      name: 'approver',
      power: 'decide',
      setup({ hooks }) {
        hooks.permissionRequest.tap('yes', (gate) => {
          asked.push([gate.need.kind, gate.need.detail?.['files']])
          return gate.allow('fine')
        })
      },
    })
    await run(
      addNew,
      async ({ test, read }) => {
        expect(asked).toEqual([['patch', [join(test.session.facts.cwd, 'new.txt')]]])
        expect(await read('new.txt')).toBe('hello\n')
      },
      { plugins: [approver], settings: { approval_policy: 'untrusted' } },
    )
  })

  it('is seen by hooks as a command that they can rewrite, and told with its whole report', async () => {
    const seen: unknown[] = []
    const hooked = definePlugin({
      name: 'hooked',
      power: 'decide',
      setup({ hooks }) {
        hooks.preToolUse.tap('rewrite', (gate) => {
          if (gate.locked) return undefined
          seen.push([gate.call.toolName, gate.call.aliases, gate.call.input])
          return gate.rewrite({ command: addNew.replace('hello', 'goodbye') })
        })
        hooks.postToolUse.tap('see', (outcome) => void seen.push(outcome.response))
      },
    })
    await run(
      addNew,
      async ({ output, read }) => {
        expect(seen).toEqual([
          ['apply_patch', ['Edit', 'Write', 'MultiEdit'], { command: addNew }],
          output,
        ])
        expect(await read('new.txt')).toBe('goodbye\n')
      },
      { plugins: [hooked] },
    )
  })

  it('does not run on a rewrite without a command', async () => {
    const hooked = definePlugin({
      name: 'hooked',
      power: 'decide',
      setup({ hooks }) {
        hooks.preToolUse.tap('rewrite', (gate) => (gate.locked ? undefined : gate.rewrite({})))
      },
    })
    await run(
      addNew,
      async ({ output, read }) => {
        expect(output).toBe('hook returned updatedInput without string field `command`')
        expect(await read('new.txt')).toBeUndefined()
      },
      { plugins: [hooked] },
    )
  })

  it('is offered with its grammar to models that take it, and answered in any case', async () => {
    await run(addNew, async ({ model }) => {
      expect(model.requests[0]?.tools).toMatchObject([
        {
          name: 'apply_patch',
          input: { kind: 'text', grammar: expect.stringContaining('start:') },
        },
      ])
    })
    await run(
      addNew,
      async ({ model, read }) => {
        expect(model.requests[0]?.tools).toEqual([])
        expect(await read('new.txt')).toBe('hello\n')
      },
      { applyPatch: 'none' },
    )
  })

  it('shows a change as failed when the write fails', async () => {
    let cwd = ''
    const saboteur = definePlugin({
      name: 'saboteur',
      setup({ hooks }) {
        hooks.event.tap('folder', (event) => {
          if (event.type === 'item_started') mkdirSync(join(cwd, 'new.txt'))
        })
      },
    })
    await run(
      addNew,
      async ({ output, test }) => {
        expect(output).toMatch(
          /^Exit code: 1\nWall time: .* seconds\nOutput:\nFailed to write file /,
        )
        expect(itemEvents(test).at(-1)).toMatchObject(['item_completed', { status: 'failed' }])
      },
      { plugins: [saboteur], prepare: async (folder) => (cwd = folder) },
    )
  })
})
