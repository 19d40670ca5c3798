import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { RequestListener, Server } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFetch } from './fetch.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  return (server.address() as AddressInfo).port
}

const serve = (listener: RequestListener) => listen(http.createServer(listener))

/** A proxy that leads every name to one port of this machine. */
async function proxyTo(targetPort: number): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = []
  const proxy = http.createServer((request, response) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim(),
    )
    const { pathname } = new URL(request.url ?? '/', 'http://none')
    const onward = http.request(
      { port: targetPort, path: pathname, method: request.method },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  })
  proxy.on('connect', (request, socket, head) => {
    seen.push(`CONNECT ${request.url}`)
    const target = net.connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('error', () => target.destroy())
  })
  return { url: `http://127.0.0.1:${await listen(proxy)}`, seen }
}

interface Certificates {
  readonly authority: string
  readonly key: string
  readonly certificate: string
}

function makeCertificates(folder: string): Certificates {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test authority',
  )
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=model.test',
  )
  writeFileSync(at('names'), 'subjectAltName=DNS:model.test,IP:127.0.0.1')
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '1',
    '-extfile',
    'names',
    '-out',
    'server.pem',
  )
  const read = (name: string) => readFileSync(at(name), 'utf8')
  return { authority: at('ca.pem'), key: read('server.key'), certificate: read('server.pem') }
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' })
    return true
  } catch (error) {
    console.log(`tests with certificates are skipped: ${String(error)}`)
    return false
  }
}

describe('createFetch without settings in the environment', () => {
  it('is the global fetch', () => {
    expect(createFetch({ env: { PATH: '/bin', HTTP_PROXY: '', NO_PROXY: 'x' } })).toBe(
      globalThis.fetch,
    )
  })
})

describe('createFetch with a proxy', () => {
  it('asks for http addresses through it, with its user and password', async () => {
    const proxy = await proxyTo(await serve((_, response) => response.end('hello')))
    const fetch = createFetch({ env: { HTTP_PROXY: proxy.url.replace('//', '//me:pass@') } })
    const response = await fetch('http://model.test/v1/x?y=1')
    expect(await response.text()).toBe('hello')
    expect(response.url).toBe('http://model.test/v1/x?y=1')
    expect(proxy.seen).toEqual([`GET http://model.test/v1/x?y=1 Basic ${btoa('me:pass')}`])
  })

  it('takes ALL_PROXY where nothing more exact is set, and addresses without a scheme', async () => {
    const proxy = await proxyTo(await serve((_, response) => response.end('hello')))
    const fetch = createFetch({ env: { all_proxy: proxy.url.replace('http://', '') } })
    expect(await (await fetch('http://model.test/')).text()).toBe('hello')
    expect(proxy.seen).toHaveLength(1)
  })

  it.each([
    ['loopback addresses', undefined],
    ['hosts of NO_PROXY', '127.0.0.2'],
  ])('asks for %s directly', async (_, noProxy) => {
    const proxy = await proxyTo(1)
    const target = http.createServer((request, response) => response.end(request.headers.host))
    const port = await listen(target)
    const host = noProxy ?? '127.0.0.1'
    if (noProxy !== undefined)
      await new Promise<void>((resolve) =>
        target.close(() => target.listen(port, noProxy, resolve)),
      )
    const fetch = createFetch({ env: { HTTP_PROXY: proxy.url, NO_PROXY: noProxy } })
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe(`${host}:${port}`)
    expect(proxy.seen).toEqual([])
  })

  it('fails like fetch when the proxy cannot be reached', async () => {
    const fetch = createFetch({ env: { HTTP_PROXY: 'http://127.0.0.1:1' } })
    const failure = await fetch('http://model.test/').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TypeError)
    expect(failure).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } })
  })
})

/** Uses the agents, yet reaches loopback addresses directly. */
const withUnusedProxy = () => createFetch({ env: { HTTP_PROXY: 'http://127.0.0.1:1' } })

describe('the fetch on agents', () => {
  it('sends method, headers and body, and hands on status and headers', async () => {
    const port = await serve((request, response) => {
      response.writeHead(
        418,
        'teapot',
        [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['x-length', request.headers['content-length'] ?? ''],
        ].flat(),
      )
      request.pipe(response)
    })
    const response = await withUnusedProxy()(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify({ text: 'ö' }),
      headers: { 'content-type': 'application/json' },
    })
    expect([response.status, response.statusText, response.ok]).toEqual([418, 'teapot', false])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('x-length')).toBe('13')
    expect(await response.json()).toEqual({ text: 'ö' })
  })

  it('hands on a body while it comes in', async () => {
    const first = Promise.withResolvers<void>()
    const port = await serve((_, response) => {
      response.write('first')
      void first.promise.then(() => response.end('second'))
    })
    const response = await withUnusedProxy()(`http://127.0.0.1:${port}/`)
    const parts: string[] = []
    for await (const part of response.body ?? []) {
      parts.push(Buffer.from(part).toString())
      first.resolve()
    }
    expect(parts).toEqual(['first', 'second'])
  })

  it.each(['before the answer', 'within the answer'])('can be aborted %s', async (when) => {
    const controller = new AbortController()
    const port = await serve((_, response) => {
      if (when === 'before the answer') controller.abort()
      else response.write('part')
    })
    const read = async () => {
      const response = await withUnusedProxy()(`http://127.0.0.1:${port}/`, {
        signal: controller.signal,
      })
      controller.abort()
      return response.text()
    }
    await expect(read()).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('says that an answer was cut off', async () => {
    const port = await serve((_, response) => {
      response.write('part', () => response.destroy())
    })
    const response = await withUnusedProxy()(`http://127.0.0.1:${port}/`)
    await expect(response.text()).rejects.toThrow(TypeError)
  })

  it('follows redirects and keeps credentials from other origins', async () => {
    const other = await serve((request, response) => {
      response.end(`${request.method} ${request.headers.authorization ?? 'none'}`)
    })
    const port = await serve((request, response) => {
      const to = request.url === '/away' ? `http://127.0.0.1:${other}/` : '/away'
      response.writeHead(request.url === '/see' ? 303 : 307, { location: to }).end()
    })
    const init = { method: 'POST', body: 'x', headers: { authorization: 'Bearer t' } }
    const response = await withUnusedProxy()(`http://127.0.0.1:${port}/see`, init)
    expect([await response.text(), response.redirected]).toEqual(['GET none', true])
    const manual = await withUnusedProxy()(`http://127.0.0.1:${port}/see`, {
      ...init,
      redirect: 'manual',
    })
    expect(manual.status).toBe(303)
    await expect(
      withUnusedProxy()(`http://127.0.0.1:${port}/see`, { redirect: 'error' }),
    ).rejects.toThrow(TypeError)
  })

  it('answers HEAD and 204 without a body', async () => {
    const port = await serve((_, response) => response.writeHead(204).end())
    expect((await withUnusedProxy()(`http://127.0.0.1:${port}/`)).body).toBeNull()
    expect(
      (await withUnusedProxy()(`http://127.0.0.1:${port}/`, { method: 'HEAD' })).body,
    ).toBeNull()
  })
})

describe.runIf(hasOpenssl())('createFetch with certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kit-fetch-'))
  let made: Certificates
  beforeAll(() => {
    made = makeCertificates(folder)
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const secureServer = () =>
    listen(
      https.createServer({ key: made.key, cert: made.certificate }, (_, response) =>
        response.end('secret'),
      ),
    )

  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'HOOKLINE_CA_CERTIFICATE'])(
    'trusts the authority of %s',
    async (name) => {
      const url = `https://127.0.0.1:${await secureServer()}/`
      await expect(globalThis.fetch(url)).rejects.toThrow(TypeError)
      expect(await (await createFetch({ env: { [name]: made.authority } })(url)).text()).toBe(
        'secret',
      )
    },
  )

  it('trusts it through a tunnel of a proxy too, and nothing else', async () => {
    const proxy = await proxyTo(await secureServer())
    const env = { https_proxy: proxy.url, SSL_CERT_FILE: made.authority }
    expect(await (await createFetch({ env })('https://model.test/')).text()).toBe('secret')
    expect(proxy.seen).toEqual(['CONNECT model.test:443'])
    await expect(createFetch({ env })('https://other.test/')).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    await expect(
      createFetch({ env: { https_proxy: proxy.url } })('https://model.test/'),
    ).rejects.toThrow(TypeError)
  })

  it('names the variable whose file cannot be read', async () => {
    const fetch = createFetch({ env: { SSL_CERT_FILE: '/nowhere/ca.pem' } })
    await expect(fetch('https://127.0.0.1:1/')).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('SSL_CERT_FILE'),
    })
  })
})
