import { mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin } from 'hookline'
import { describe, expect, it } from 'vitest'
import { addNew, itemEvents, run, wrap } from './patch-harness.ts'

async function withWaysOut(cwd: string): Promise<void> {
  await mkdir(join(cwd, '.git'))
  await symlink('../outside', join(cwd, 'link'))
  await symlink('../outside/n.txt', join(cwd, 'dangling'))
}

describe('the permissions of apply_patch', () => {
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

  it.each([
    ['deletes', ['*** Delete File: ../outside/way-in']],
    ['moves away', ['*** Update File: ../outside/way-in', '*** Move to: in.txt', '@@', '-x', '+y']],
  ])('refuses a patch that %s a link outside, though it leads inside', async (_what, lines) => {
    await run(
      wrap(...lines),
      async ({ output, read }) => {
        expect(output).toBe(outside)
        expect(await read('../outside/way-in')).toBe('x\n')
        expect(await read('in.txt')).toBeUndefined()
      },
      {
        files: { target: 'x\n' },
        prepare: (cwd) => symlink('../ws/target', join(cwd, '../outside/way-in')),
      },
    )
  })

  it('deletes a link inside, wherever it leads', async () => {
    await run(
      wrap('*** Delete File: dangling'),
      async ({ output, test }) => {
        expect(output).toContain('D dangling')
        await expect(readlink(join(test.session.facts.cwd, 'dangling'))).rejects.toThrow('ENOENT')
      },
      { prepare: withWaysOut },
    )
  })

  it('keeps a protected name that is a link', async () => {
    await run(
      wrap('*** Delete File: .git'),
      async ({ output, test }) => {
        expect(output).toBe(outside)
        expect(await readlink(join(test.session.facts.cwd, '.git'))).toBe('target')
      },
      { files: { target: 'x\n' }, prepare: (cwd) => symlink('target', join(cwd, '.git')) },
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

  it('holds a grant to the files that were shown when it was given', async () => {
    let cwd = ''
    const approver = definePlugin({
      name: 'approver',
      power: 'decide',
      setup({ hooks }) {
        hooks.permissionRequest.tap('late', async (gate) => {
          await rm(join(cwd, 'link'))
          await symlink('../elsewhere', join(cwd, 'link'))
          return gate.allow('fine')
        })
      },
    })
    const prepare = async (folder: string) => {
      cwd = folder
      await withWaysOut(folder)
      await mkdir(join(folder, '../elsewhere'))
    }
    await run(
      wrap('*** Add File: link/n.txt', '+x'),
      async ({ output, read }) => {
        expect(output).toBe(outside)
        expect(await read('../elsewhere/n.txt')).toBeUndefined()
      },
      { plugins: [approver], prepare, settings: { approval_policy: 'on-request' } },
    )
  })

  it('takes a grant for a file outside', async () => {
    const approver = definePlugin({
      name: 'approver',
      power: 'decide',
      setup: ({ hooks }) => hooks.permissionRequest.tap('yes', (gate) => gate.allow('fine')),
    })
    await run(
      wrap('*** Add File: link/n.txt', '+x'),
      async ({ read }) => expect(await read('../outside/n.txt')).toBe('x\n'),
      { plugins: [approver], prepare: withWaysOut, settings: { approval_policy: 'on-request' } },
    )
  })
})
