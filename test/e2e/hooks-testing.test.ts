import { expect, it } from 'vitest'
import { blocksOf } from '../support/doc-blocks.ts'
import { docStage } from '../support/doc-stage.ts'

const page = 'docs/hooks-testing.md'

it('does with the example of its page what the page says', async () => {
  const blocks = blocksOf(page)
  const files = Object.fromEntries(
    blocks.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]])),
  )
  await using stage = await docStage(files)
  const commands = blocks.flatMap(({ file, text }) => (file === undefined ? [text] : []))
  const shown: string[] = []
  for (const command of commands) {
    const { code, stdout, stderr } = await stage.shell(command)
    expect([command, code, stderr]).toEqual([command, 0, ''])
    shown.push(stdout)
  }
  const [lint, run, test, replay] = shown
  expect(lint).toBe('1 file: 0 errors, 0 warnings, 0 notes\n')
  expect(run).toContain('verdict    none')
  expect(test).toContain('2 passed\n')
  expect(replay).toContain('deny: this would remove everything')
})
