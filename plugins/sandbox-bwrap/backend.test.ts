import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecPlan, Running, SandboxPolicy } from 'hookline'
import { protectedNames } from 'hookline/kit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bwrapBackend } from './backend.ts'

const usable = (await bwrapBackend.available()).ok
const python = spawnSync('python3', ['--version']).status === 0

let base: string
let work: string
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'bwrap-')))
  work = join(base, 'work')
  mkdirSync(work)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(base, { recursive: true })
})

/** Makes files by their paths below the base, and the folders that they need. */
function files(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(base, path)), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(join(base, path), 'old')
    else mkdirSync(join(base, path), { recursive: true })
  }
}

function planFor(script: string, changes: Partial<SandboxPolicy> = {}): ExecPlan {
  return {
    command: ['sh', '-c', script],
    cwd: work,
    env: { PATH: process.env['PATH'] ?? '', WORK: work, BASE: base },
    tty: false,
    sandbox: {
      mode: 'workspace-write',
      writableRoots: [work],
      network: false,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'bwrap',
      ...changes,
    },
  }
}

function spawn(plan: ExecPlan, signal = new AbortController().signal): Promise<Running> {
  return bwrapBackend.spawn(plan, signal)
}

async function finish(running: Running) {
  running.stdin.end()
  const [exit, out, err] = await Promise.all([
    running.exited,
    text(running.stdout),
    text(running.stderr),
  ])
  return { ...exit, out, err }
}

const run = async (script: string, changes: Partial<SandboxPolicy> = {}) =>
  finish(await spawn(planFor(script, changes)))

const refused = expect.objectContaining({ code: 'SANDBOX_REFUSED' })
const unavailable = expect.objectContaining({ code: 'SANDBOX_UNAVAILABLE' })

describe.runIf(usable)('what commands may write', () => {
  it('is what lies below a writable root', async () => {
    files('outside/f')
    const script =
      'echo new > a; echo new > $BASE/outside/f; echo new > /proc/self/root$BASE/outside/g'
    expect((await run(script)).err).toMatch(/Read-only file system/)
    expect(readFileSync(join(work, 'a'), 'utf8')).toBe('new\n')
    expect(readFileSync(join(base, 'outside/f'), 'utf8')).toBe('old')
    expect(readdirSync(join(base, 'outside'))).toEqual(['f'])
  })

  it('is nothing in read-only', async () => {
    expect(await run('echo new > a', { mode: 'read-only', writableRoots: [] })).toMatchObject({
      code: 2,
    })
    expect(readdirSync(work)).toEqual([])
  })

  it('is not the settings of the kernel, and not its capabilities', async () => {
    const script =
      'echo 1 > /proc/sys/vm/drop_caches; grep CapEff /proc/self/status; mount -t tmpfs x .'
    const { out, code } = await run(script)
    expect(out).toContain('0000000000000000')
    expect(code).not.toBe(0)
    const all = await run(
      'find /proc/sys /proc/sysrq-trigger -writable -user root 2>/dev/null | head -3',
    )
    expect(all.out).toBe('')
  })

  it('is not a home of ours below a writable root, but its memories are', async () => {
    files('work/home/config.toml', 'work/home/memories/')
    const policy = {
      writableRoots: [work, join(work, 'home/memories')],
      readOnlyPaths: [join(work, 'home')],
    }
    await run(
      'echo new > home/config.toml; echo new > home/x; echo new > home/memories/m; mv home h',
      policy,
    )
    expect(readFileSync(join(work, 'home/config.toml'), 'utf8')).toBe('old')
    expect(readdirSync(join(work, 'home'))).toEqual(['config.toml', 'memories'])
    expect(readdirSync(join(work, 'home/memories'))).toEqual(['m'])
  })

  it('is not a home of ours that nobody has made yet', async () => {
    const policy = { readOnlyPaths: [join(work, 'a/home')] }
    expect((await run('mkdir -p a/home', policy)).code).toBe(1)
    await vi.waitFor(() => expect(readdirSync(work)).toEqual([]))
  })

  it('never includes the root of all files, or what the kernel shows as files', async () => {
    for (const root of ['/', '/proc/sys', '/sys']) {
      await expect(spawn(planFor('true', { writableRoots: [root] }))).rejects.toThrow(refused)
    }
  })

  it('leaves out roots that do not exist', async () => {
    expect(await run('echo x > a', { writableRoots: [work, join(base, 'nowhere')] })).toMatchObject(
      { code: 0 },
    )
  })

  it('is not reached by a link that commands may replace', async () => {
    files('outside/')
    symlinkSync(join(base, 'outside'), join(work, 'link'))
    const policy = { writableRoots: [work, join(work, 'link')] }
    await expect(spawn(planFor('true', policy))).rejects.toThrow(refused)
    symlinkSync(work, join(base, 'firm'))
    expect(await run('echo x > a', { writableRoots: [join(base, 'firm')] })).toMatchObject({
      code: 0,
    })
  })

  it('cannot be moved away with the folders around it', async () => {
    files('work/a/b/root/f', 'work/c/secret')
    const policy = {
      writableRoots: [work, join(work, 'a/b/root')],
      deniedReads: [join(work, 'c/secret')],
    }
    const { err } = await run('for at in a a/b a/b/root c; do mv $at moved; done', policy)
    expect(err.match(/busy/g)).toHaveLength(4)
    expect(existsSync(join(work, 'moved'))).toBe(false)
  })
})

describe.runIf(usable)('protected names', () => {
  it('cannot be made where they are missing, and leave nothing behind', async () => {
    const { out } = await run(`for name in ${protectedNames.join(' ')}; do
      mkdir $name/x 2>/dev/null; echo x > $name 2>/dev/null; rmdir $name 2>/dev/null; mv $name y 2>/dev/null
      ls -A $name; test -d $name && echo kept; done`)
    expect(out).toBe('kept\n'.repeat(protectedNames.length))
    await vi.waitFor(() => expect(readdirSync(work)).toEqual([]))
  })

  it('cannot be changed where they exist, in every root', async () => {
    files('work/.git/config', 'work/.claude/settings.json', 'other/.codex/config.toml')
    const names =
      '$WORK/.git/config $WORK/.git/new $WORK/.claude/settings.json $BASE/other/.codex/config.toml'
    await run(`for name in ${names}; do echo new > $name; done; rm -rf .git; mv .claude x`, {
      writableRoots: [work, join(base, 'other')],
    })
    for (const path of [
      'work/.git/config',
      'work/.claude/settings.json',
      'other/.codex/config.toml',
    ]) {
      expect(readFileSync(join(base, path), 'utf8')).toBe('old')
    }
    expect(existsSync(join(work, '.git/new'))).toBe(false)
  })

  it('stay covered for one command when another in the same folder ends', async () => {
    const script = 'read go; mkdir .git/hooks .hookline/x; read go'
    const first = await spawn(planFor(script))
    const second = await spawn(planFor(script))
    await finish(first)
    // What the first one gave up is gone only after its end was told.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    second.stdin.write('go\n')
    expect((await finish(second)).err.match(/Read-only/g)).toHaveLength(2)
    await vi.waitFor(() => expect(readdirSync(work)).toEqual([]))
  })

  it('are refused as links, before anything runs', async () => {
    files('work/decoy/')
    symlinkSync('decoy', join(work, '.codex'))
    await expect(spawn(planFor('echo x > ran'))).rejects.toThrow(refused)
    expect(readdirSync(work)).toEqual(['.codex', 'decoy'])
  })

  it('include what a .git file points to, and what several working trees share', async () => {
    files('work/main/.git/worktrees/w/x', 'work/main/.git/hooks/', 'work/.git')
    writeFileSync(join(work, '.git'), 'gitdir: main/.git/worktrees/w\n')
    writeFileSync(join(work, 'main/.git/worktrees/w/commondir'), '../..\n')
    await run(
      'for at in .git main/.git/worktrees/w/x main/.git/hooks/h; do echo new > $at; done; mv main other',
    )
    expect(readFileSync(join(work, '.git'), 'utf8')).toMatch(/^gitdir/)
    expect(readFileSync(join(work, 'main/.git/worktrees/w/x'), 'utf8')).toBe('old')
    expect(readdirSync(join(work, 'main/.git/hooks'))).toEqual([])
  })

  it('include the .git of repositories below that were there before, not of those made later', async () => {
    files('work/a/b/.git/config')
    const { code } = await run(
      'echo new > a/b/.git/config; mkdir -p made/.git && echo new > made/.git/config',
    )
    expect(code).toBe(0)
    expect(readFileSync(join(work, 'a/b/.git/config'), 'utf8')).toBe('old')
    expect(await run('echo more > made/.git/config')).toMatchObject({ code: 0 })
  })

  it('may be writable roots themselves', async () => {
    files('work/.git/config')
    await run('echo new > .git/config', { writableRoots: [work, join(work, '.git')] })
    expect(readFileSync(join(work, '.git/config'), 'utf8')).toBe('new\n')
  })
})

describe.runIf(usable)('what commands may read', () => {
  it('is not a denied file or folder, by whatever way', async () => {
    files('secret', 'folder/sub/f', 'work/d/secret', 'open')
    symlinkSync(join(base, 'secret'), join(work, 'link'))
    const policy = {
      deniedReads: [join(base, 'secret'), join(base, 'folder'), join(work, 'd/secret')],
    }
    const script =
      'cat $BASE/open; cat link $BASE/secret /proc/self/root$BASE/secret $BASE/folder/sub/f d/secret; ls $BASE/folder; chmod 777 $BASE/folder'
    const { out, err } = await run(script, policy)
    expect(out).toBe('old')
    expect(err.match(/Permission denied|Read-only/g)).toHaveLength(7)
    expect((await run(script, { ...policy, mode: 'read-only', writableRoots: [] })).out).toBe('old')
  })

  it('is not what fits a denied pattern when the command starts', async () => {
    files('work/.env', 'work/a/b/prod.env', 'work/a/env')
    const script = 'cat .env a/b/prod.env a/env; mv .env x'
    const { out, err } = await run(script, { deniedReadGlobs: [`${work}/**/*.env`] })
    expect(out).toBe('old')
    expect(err.match(/Permission denied|busy/g)).toHaveLength(3)
  })

  it('is a writable root in a folder that is denied, and nothing else there', async () => {
    files('home/me/work/f', 'home/me/.ssh/key', 'home/me/work/.git/config')
    const root = join(base, 'home/me/work')
    const policy = { writableRoots: [root], deniedReads: [join(base, 'home')] }
    const { out, err } = await run(`cd ${root} && cat f; ls ..; echo x > .git/config`, policy)
    expect(out).toBe('old')
    expect(err.match(/Permission denied|Read-only/g)).toHaveLength(2)
  })
})

describe.runIf(usable)('what commands see', () => {
  it('is the environment of the plan and where they run', async () => {
    vi.stubEnv('HOOKLINE_TEST_LEAK', 'yes')
    const plan = planFor('env')
    const { out } = await finish(
      await spawn({ ...plan, env: { ...plan.env, LD_LIBRARY_PATH: '/x', ENV: '/y' } }),
    )
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        `PATH=${process.env['PATH']}`,
        'HOOKLINE_SANDBOX=bwrap',
        'HOOKLINE_SANDBOX_NETWORK_DISABLED=1',
        'CODEX_SANDBOX_NETWORK_DISABLED=1',
        'LD_LIBRARY_PATH=/x',
        'ENV=/y',
      ]),
    )
    expect(out).not.toContain('HOOKLINE_TEST_LEAK')
  })

  it('does not steer the launcher, and is not in its words', async () => {
    const plan = planFor('read x')
    const env = { ...plan.env, LD_PRELOAD: '/nowhere.so', LD_AUDIT: '/x', SECRET: 'hidden' }
    const running = await spawn({ ...plan, env })
    const launcher = readFileSync(`/proc/${running.pid}/environ`, 'latin1')
    const words = readFileSync(`/proc/${running.pid}/cmdline`, 'latin1')
    expect(launcher).not.toMatch(/LD_/)
    expect(launcher).toContain('SECRET=hidden')
    expect(words).not.toContain('hidden')
    await finish(running)
  })

  it('are three descriptors', async () => {
    const { out } = await run(
      'for fd in /proc/self/fd/*; do echo $(basename $fd) $(readlink $fd); done',
    )
    // A process that was started with more hands nothing on in their place.
    const others = out
      .trim()
      .split('\n')
      .filter((line) => !/^[012] (?:pipe|socket):/.test(line))
    expect(others.filter((line) => !line.endsWith('/dev/null') && !/^\d+$/.test(line))).toEqual([])
    expect(out).toMatch(/^2 /m)
  })

  it('are processes of their own only', async () => {
    expect(await run(`kill -0 ${process.pid}`)).toMatchObject({ code: 1 })
    expect((await run('ls -d /proc/[0-9]* | wc -l')).out.trim().length).toBe(1)
  })

  it('is a terminal where the plan asks for one, and no controlling one of ours', async () => {
    const plan = planFor('test -t 0 && test -t 1 && echo terminal; exit 3')
    expect(await finish(await spawn({ ...plan, tty: true }))).toMatchObject({
      code: 3,
      out: 'terminal\r\n',
    })
    expect((await run('echo x > /dev/tty')).code).toBe(2)
  })

  it('is the exit code, also of a signal', async () => {
    expect(await run('exit 9')).toMatchObject({ code: 9 })
    expect(await run('kill -TERM $$')).toMatchObject({ code: 143 })
  })
})

describe.runIf(usable && python)('the network', () => {
  const py = (code: string) => `python3 -c '${code}'`

  it('is a loopback of their own', async () => {
    const server = createServer((socket) => socket.end('host'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const connect = py(
      `import socket; print(socket.create_connection(("127.0.0.1", ${port})).recv(9))`,
    )
    const own = py(
      'import socket; a = socket.create_server(("127.0.0.1", 0)); socket.create_connection(a.getsockname()); print("own")',
    )
    const closed = await run(`${connect}; ${own}`)
    expect(closed).toMatchObject({ code: 0, out: 'own\n' })
    expect(closed.err).toContain('Connection refused')
    const opened = await run(`${connect}; env | grep NETWORK_DISABLED`, { network: true })
    expect(opened.out).toBe("b'host'\n")
    server.close()
  })

  it.each([[true], [false]])(
    'never reaches a unix socket of the host (network: %s)',
    async (network) => {
      const server = createServer((socket) => socket.end('host'))
      await new Promise<void>((resolve) => server.listen(join(work, 's'), resolve))
      const make = (what: string) => py(`import socket; ${what}; print("reached")`)
      const scripts = [
        make('socket.socket(1, 1).connect("s")'),
        make('socket.socket(1, 2).sendmsg([b"x"], [], 0, "s")'),
        make('socket.socketpair(1, 2)[0].sendmsg([b"x"], [], 0, "s")'),
        make('socket.socketpair(1, 3)[0].sendmsg([b"x"], [], 0, "s")'),
        make('socket.socket(40, 1)'),
      ]
      expect((await run(scripts.join(';'), { network })).out).toBe('')
      expect(await run(make('a, b = socket.socketpair(); a.send(b"x"); b.recv(1)'))).toMatchObject({
        code: 0,
      })
      server.close()
    },
  )

  it('is not reached by new namespaces', async () => {
    expect((await run('unshare -Ur true')).err).toContain('not permitted')
  })
})

describe.runIf(usable)('the end of a command', () => {
  it('comes with the signal, for all that it has started', async () => {
    const stop = new AbortController()
    const running = await spawn(planFor('setsid sh -c "echo up; sleep 60" & wait'), stop.signal)
    running.stdout.once('data', () => stop.abort())
    const ended = await finish(running)
    expect(ended.code === undefined || ended.code > 128).toBe(true)
    await expect(spawn(planFor('true'), stop.signal)).rejects.toThrow('aborted')
  })

  it('is asked for first', async () => {
    const running = await spawn(
      planFor('trap "echo bye > $WORK/bye; exit 5" TERM; echo up; while :; do sleep 0.01; done'),
    )
    running.stdout.once('data', () => void running.kill())
    await finish(running)
    await running.kill()
    expect(readFileSync(join(work, 'bye'), 'utf8')).toBe('bye\n')
  })

  it('comes with the end of the process that started it, however that ends', async () => {
    const program = `import('hookline/plugins/sandbox-bwrap').then(async ({ bwrapBackend }) => {
      const running = await bwrapBackend.spawn(JSON.parse(process.env.PLAN), new AbortController().signal)
      running.stdout.once('data', () => process.kill(process.pid, 'SIGKILL'))
    })`
    const plan = planFor('setsid sh -c "sleep 0.3; echo late > $WORK/late" & echo up; wait')
    const ended = spawnSync(process.execPath, ['--conditions=hookline-source', '-e', program], {
      cwd: import.meta.dirname,
      env: { ...process.env, PLAN: JSON.stringify(plan) },
    })
    expect(ended.signal).toBe('SIGKILL')
    // Longer than the command had left to run; that nothing happens can only be waited for.
    expect(spawnSync('sh', ['-c', `sleep 0.6; test -e ${work}/late`]).status).toBe(1)
    await run('true')
    await vi.waitFor(() => expect(readdirSync(work)).toEqual([]))
  })
})

describe.runIf(usable)('the launcher', () => {
  const real = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'bwrap'))
    .find((path) => existsSync(path))

  function fake(folder: string, script: string): void {
    files(`${folder}/bwrap`)
    writeFileSync(join(base, folder, 'bwrap'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(base, folder, 'bwrap'), 0o755)
    vi.stubEnv('PATH', `${join(base, folder)}:${process.env['PATH']}`)
  }

  it('is tried once for a process', async () => {
    fake('bin', `echo "$@" >> ${join(base, 'log')}\nexec ${real} "$@"`)
    await Promise.all([run('true'), run('true')])
    await run('true')
    const lines = readFileSync(join(base, 'log'), 'utf8').trim().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.filter((line) => line.endsWith('--version'))).toHaveLength(1)
  })

  it('does not come from the folder of the command', async () => {
    fake('work/bin', `echo ran > ${join(base, 'ran')}\nexec ${real} "$@"`)
    expect(await run('true')).toMatchObject({ code: 0 })
    expect(existsSync(join(base, 'ran'))).toBe(false)
  })

  it('that cannot make a sandbox is an error with a remedy, and nothing runs', async () => {
    fake('bin', 'echo "bwrap: No permissions to create new namespace" >&2; exit 1')
    await expect(spawn(planFor('echo x > ran'))).rejects.toThrow(unavailable)
    expect(await bwrapBackend.available()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('No permissions'),
      remedy: expect.stringContaining('user namespaces'),
    })
    expect(readdirSync(work)).toEqual([])
  })

  it('that may not mount a new /proc gives commands an empty one, and says so', async () => {
    fake(
      'bin',
      `case "$*" in *--proc*) echo "bwrap: Can't mount proc" >&2; exit 1;; esac\nexec ${real} "$@"`,
    )
    expect(await bwrapBackend.available()).toMatchObject({
      ok: true,
      warning: expect.stringContaining('/proc'),
    })
    expect(await run('ls /proc; echo ran')).toMatchObject({ code: 0, out: 'ran\n' })
  })

  it('that is nowhere is an error with a remedy, and nothing runs', async () => {
    vi.stubEnv('PATH', '/nowhere')
    await expect(spawn(planFor('echo x > ran'))).rejects.toThrow(unavailable)
    expect(await bwrapBackend.available()).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('install'),
    })
  })
})

it('confines nothing in danger-full-access', async () => {
  files('outside/')
  const policy = { mode: 'danger-full-access', writableRoots: [], network: true } as const
  expect(await run('echo x > $BASE/outside/f', policy)).toMatchObject({ code: 0 })
  expect(existsSync(join(base, 'outside/f'))).toBe(true)
})
