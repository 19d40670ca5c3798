import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { handler, oneCall, trial } from './hooks-harness.ts'

const hasPerl = process.platform === 'linux' && existsSync('/usr/bin/perl')

function children(): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === process.pid
    } catch {
      return false
    }
  })
}

describe.skipIf(!hasPerl)('command hooks', () => {
  it('are started by one agent for the whole session, which ends with it', async () => {
    const before = children()
    const t = await trial({
      turns: oneCall,
      hooks: {
        PreToolUse: [handler('echo $PPID > {{home}}/pre')],
        PostToolUse: [handler('echo $PPID > {{home}}/post')],
      },
    })
    await t.run()
    const starters = await Promise.all(
      ['pre', 'post'].map((name) => readFile(join(t.home, name), 'utf8')),
    )
    const starter = (starters[0] ?? '').trim()
    expect(starters[1]?.trim()).toBe(starter)
    expect(children().filter((pid) => !before.includes(pid))).toEqual([starter])
    await t[Symbol.asyncDispose]()
    expect(children()).not.toContain(starter)
  })

  it('may open their streams by name', async () => {
    await using t = await trial({
      turns: oneCall,
      hooks: { PreToolUse: [handler('grep -q ls /dev/stdin && echo no > /dev/stderr; exit 2')] },
    })
    await t.run()
    expect(t.said()).toContain('output: Command blocked by PreToolUse hook: no. Command: ls')
  })

  it('need no agent where nothing matches', async () => {
    const before = children()
    await using t = await trial({
      turns: oneCall,
      hooks: { PreToolUse: [{ ...handler('true'), matcher: 'Other' }] },
    })
    await t.run()
    expect(children()).toEqual(before)
  })

  it('do not wait for it before the first request', async () => {
    await using t = await trial({
      turns: [['done']],
      hooks: { UserPromptSubmit: [handler('echo $PPID > {{home}}/prompt')] },
    })
    await t.run()
    expect(await readFile(join(t.home, 'prompt'), 'utf8')).toBe(`${process.pid}\n`)
  })
})
