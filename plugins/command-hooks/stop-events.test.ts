import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { handler, trial } from './hooks-harness.ts'

describe('Stop', () => {
  it('makes the turn go on, and then knows that it did', async () => {
    const command =
      'in=$(cat); echo "$in" >> {{home}}/all; case "$in" in *\'"stop_hook_active":true\'*) ;; *) echo "go < on" >&2; exit 2;; esac'
    await using t = await trial({
      turns: [['first'], ['second']],
      hooks: { Stop: [handler(command)] },
    })
    const record = await t.run()
    expect(record.lastMessage).toBe('second')
    const id = `stop:0:${t.home}/hooks.json`
    expect(t.said()).toContain(`user: <hook_prompt hook_run_id="${id}">go &lt; on</hook_prompt>`)
    const inputs = (await readFile(join(t.home, 'all'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(inputs.map((input) => [input.stop_hook_active, input.last_assistant_message])).toEqual([
      [false, 'first'],
      [true, 'second'],
    ])
  })

  it('cannot keep a turn going for ever', async () => {
    await using t = await trial({ hooks: { Stop: [handler('echo again >&2; exit 2')] } })
    await t.run()
    expect(t.requests).toHaveLength(9)
    expect(t.shown('error')).toMatchObject([{ message: expect.stringContaining('8 times') }])
  })

  it('ends the turn against a reason to go on', async () => {
    const hooks = { Stop: [handler('echo on >&2; exit 2'), handler(`echo '{"continue":false}'`)] }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.requests).toHaveLength(1)
  })
})
