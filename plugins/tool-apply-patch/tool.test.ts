import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { definePlugin } from 'hookline'
import { describe, expect, it } from 'vitest'
import { addNew, itemEvents, run, wrap, type Run } from './patch-harness.ts'

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
