import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HooklineError } from 'hookline'
import { runTurn, scriptedModel, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it, vi } from 'vitest'
import { notify } from './index.ts'
import { notifySettings } from './settings.ts'

const script = 'printf %s "$2" > "$1.tmp" && mv "$1.tmp" "$1"'

describe('notify', () => {
  it('starts the program with what the turn was about', async () => {
    await using home = await temporaryHome({ 'notify.sh': script })
    const out = join(home.path, 'out')
    const settings = { notify: ['/bin/sh', join(home.path, 'notify.sh'), out] }
    const model = scriptedModel([['all done']])
    await using test = await testKernel([model.plugin, notify], { home: home.path, settings })
    const record = await runTurn(test, 'do it')
    await test.session.close()
    const told = JSON.parse(await vi.waitFor(() => readFile(out, 'utf8')))
    expect(told).toEqual({
      type: 'agent-turn-complete',
      'thread-id': test.session.facts.id,
      'turn-id': record.facts.id,
      cwd: home.path,
      client: 'test',
      'input-messages': ['do it'],
      'last-assistant-message': 'all done',
    })
  })

  it('says nothing of a turn that failed', async () => {
    await using home = await temporaryHome()
    const log = join(home.path, 'log')
    await writeFile(log, '')
    const settings = { notify: ['/bin/sh', '-c', `echo "$1" >> ${log}; touch ${log}.done`, 'sh'] }
    const fail = new HooklineError('MODEL_REQUEST_FAILED', 'no')
    const model = scriptedModel([[{ fail }], ['second']])
    await using test = await testKernel([model.plugin, notify], { home: home.path, settings })
    await runTurn(test, 'one').catch(() => {})
    await runTurn(test, 'two')
    await vi.waitFor(() => readFile(`${log}.done`))
    const lines = (await readFile(log, 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line)['last-assistant-message'])).toEqual(['second'])
  })

  it('warns of a program that is missing, and the session goes on', async () => {
    const settings = { notify: ['/nowhere/program'] }
    await using test = await testKernel([notify], { settings })
    await runTurn(test, 'one')
    await runTurn(test, 'two')
    const warnings = test.events.flatMap((event) =>
      event.type === 'item_completed' && event.item.type === 'error' ? [event.item.message] : [],
    )
    expect(warnings[0]).toContain('"/nowhere/program" could not be started')
  })
})

it('notify is checked alike with and without its schema', async () => {
  const schema = await notifySettings.notify.schema()
  expect(schema.parse(notifySettings.notify.fallback)).toEqual(notifySettings.notify.fallback)
  for (const value of [['a', 'b'], [], 'program', [1], { program: 'a' }]) {
    expect(schema.safeParse(value).success).toBe(notifySettings.notify.accepts?.(value))
  }
})
