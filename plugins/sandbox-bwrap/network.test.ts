import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { at, run, usable } from './sandbox-fixture.ts'

const python = spawnSync('python3', ['--version']).status === 0
const py = (code: string) => `python3 -c '${code}'`
const make = (what: string) => py(`import socket; ${what}; print("reached")`)

describe.runIf(usable && python)('the network', () => {
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
      await new Promise<void>((resolve) => server.listen(join(at.work, 's'), resolve))
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
