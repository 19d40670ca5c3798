import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contentOf, handler, oneCall, trial } from './hooks-harness.ts'

const hasPerl = process.platform === 'linux' && existsSync('/usr/bin/perl')

function children(parent: number | string | undefined = process.pid): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === Number(parent)
    } catch {
      return false
    }
  })
}

/** What carries a mark in its environment, but for what is dead. */
function marked(mark: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)
    } catch {
      return false
    }
  })
}

/** True for an agent that has a child which waits to become a program, and which sees the end of the owner. */
function isReadyAgent(pid: string): boolean {
  const name = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  return name.startsWith('process agent') && children(pid).length > 0
}

/** A process of its own with a session that has called a tool, and goes on. */
function sessionProcess(hooks: object, mark: string) {
  const code = `
    import { oneCall, trial } from ${JSON.stringify(join(import.meta.dirname, 'hooks-harness.ts'))}
    const t = await trial({ turns: oneCall, hooks: ${JSON.stringify(hooks)} })
    await t.run()
    process.stdout.write('called')
    setInterval(() => {}, 1_000)`
  const args = ['--conditions=hookline-source', '--input-type=module', '--eval', code]
  const env = { ...process.env, HOOKLINE_PROCESS_TREE: mark }
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
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

  it('that are kept end with a session that is killed, and so does what they started', async () => {
    await using home = await temporaryHome()
    const [mark, file] = [randomUUID(), join(home.path, 'pids')]
    const command = `trap '' TERM HUP; (setsid sleep 300 & echo "$$ $!" > ${file}); read -r line; echo '{}'; exec sleep 300`
    const hooks = { PreToolUse: [handler(command, { persistent: true })] }
    const owner = sessionProcess(hooks, mark)
    onTestFinished(() => void owner.kill('SIGKILL'))
    await once(owner.stdout, 'data')
    const pids = (await contentOf(file)).trim().split(' ')
    expect(pids).toHaveLength(2)
    expect(marked(mark)).toEqual(expect.arrayContaining(pids))
    while (!children(owner.pid).some(isReadyAgent)) await delay(2)
    owner.kill('SIGKILL')
    while (marked(mark).length > 0) await delay(2)
  })
})
