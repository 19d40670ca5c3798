import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { kindTrial } from './kind-harness.ts'

interface Seen extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  readonly body: string
}

interface Served extends AsyncDisposable {
  readonly origin: string
  readonly seen: readonly Seen[]
}

type Answer = (...given: Parameters<RequestListener>) => void

async function serve(
  answer: Answer,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Served> {
  const seen: Seen[] = []
  const listener = async (...[request, response]: Parameters<RequestListener>) => {
    const { method, url, headers } = request
    seen.push({ method, url, headers, body: await text(request) })
    answer(request, response)
  }
  const handle: RequestListener = (request, response) => void listener(request, response)
  const server = tls ? createSecureServer(tls, handle) : createServer(handle)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // It listens on a port.
  const { port } = server.address() as AddressInfo
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const saying =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)

afterEach(() => vi.unstubAllEnvs())

describe('a hook at an address', () => {
  it('is sent the event, and its answer is read like the output of a command', async () => {
    await using server = await serve(saying(200, '{"decision":"block","reason":"no"}'))
    const urls = [`${server.origin}/*`]
    await using t = await kindTrial({ urls, input: { tool_name: 'Bash' } })
    expect(await t.run({ type: 'http', url: `${server.origin}/hook?x=1` })).toEqual({
      kind: 'exited',
      code: 0,
      stdout: '{"decision":"block","reason":"no"}',
      stderr: '',
    })
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        url: '/hook?x=1',
        body: '{"tool_name":"Bash"}',
        headers: { 'content-type': 'application/json' },
      },
    ])
  })

  it.each([
    [204, ''],
    [201, 'text'],
  ])('with the status %d has answered', async (status, body) => {
    await using server = await serve(saying(status, body))
    await using t = await kindTrial({ urls: [server.origin] })
    expect(await t.run({ type: 'http', url: server.origin })).toMatchObject({
      code: 0,
      stdout: body,
    })
  })

  it.each([400, 401, 404, 500, 503])('with the status %d has failed', async (status) => {
    await using server = await serve(saying(status, '{"decision":"block","reason":"no"}'))
    await using t = await kindTrial({ urls: [server.origin] })
    expect(await t.run({ type: 'http', url: server.origin })).toEqual({
      kind: 'broken',
      message: `hook was answered with HTTP ${status}`,
    })
  })

  it('that is not listed is not asked, and is named', async () => {
    await using server = await serve(saying(200))
    await using t = await kindTrial({ urls: ['https://other.example/*'] })
    const handler = t.handler({ type: 'http', url: `${server.origin}/secret-path` })
    expect(handler).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('allowed_http_hook_urls'),
    })
    const required = { type: 'http', url: server.origin, onFailure: 'block' }
    expect(t.handler(required).state).toBe('runnable')
    expect((await t.run(required)).kind).toBe('broken')
    expect(server.seen).toEqual([])
  })

  it('may be told secrets in headers, those that it lists alone', async () => {
    vi.stubEnv('HOOK_TOKEN', 'very-secret-value')
    vi.stubEnv('OTHER_TOKEN', 'another-secret')
    await using server = await serve(saying(200))
    await using t = await kindTrial({ urls: [server.origin] })
    const headers = {
      Authorization: 'Bearer ${HOOK_TOKEN}',
      'X-Short': '$HOOK_TOKEN.',
      'X-Other': '[${OTHER_TOKEN}$OTHER_TOKEN${UNSET}]',
    }
    await t.run({
      type: 'http',
      url: server.origin,
      headers,
      allowedEnvVars: ['HOOK_TOKEN', 'UNSET'],
    })
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer very-secret-value',
      'x-short': 'very-secret-value.',
      'x-other': '[]',
    })
    expect(t.redact('it is very-secret-value')).toBe('it is <redacted>')
  })

  it('names the header that cannot be sent, and not what is in it', async () => {
    vi.stubEnv('HOOK_TOKEN', 'two\nlines-of-secret')
    await using t = await kindTrial({ urls: ['http://127.0.0.1:9'] })
    const fields = { headers: { 'X-Token': '${HOOK_TOKEN}' }, allowedEnvVars: ['HOOK_TOKEN'] }
    expect(await t.run({ type: 'http', url: 'http://127.0.0.1:9', ...fields })).toEqual({
      kind: 'broken',
      message: 'hook cannot send its header "X-Token"',
    })
  })

  it('that is not there has failed, and says why without its query', async () => {
    await using t = await kindTrial({ urls: ['http://127.0.0.1:1/*'] })
    const result = await t.run({ type: 'http', url: 'http://127.0.0.1:1/x?key=abc' })
    const message = result.kind === 'broken' ? result.message : ''
    expect(message).toMatch(/^hook could not reach http:\/\/127\.0\.0\.1:1\/x: .+/)
    expect(message).not.toContain('abc')
  })

  it('that answers too late is given up', async () => {
    await using server = await serve(() => {})
    await using t = await kindTrial({ urls: [server.origin] })
    expect(await t.run({ type: 'http', url: server.origin, timeout: 1 })).toEqual({
      kind: 'timed_out',
      seconds: 1,
    })
  })

  it('that does not end its answer is given up', async () => {
    await using server = await serve((_request, response) => void response.write('{'))
    await using t = await kindTrial({ urls: [server.origin] })
    expect((await t.run({ type: 'http', url: server.origin, timeout: 1 })).kind).toBe('timed_out')
  })

  it('that answers at too great length is cut off', async () => {
    await using server = await serve((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more)
      }
      more()
    })
    await using t = await kindTrial({ urls: [server.origin] })
    expect(await t.run({ type: 'http', url: server.origin })).toMatchObject({
      message: expect.stringContaining('more than'),
    })
  })

  it('is given up with the turn', async () => {
    const controller = new AbortController()
    await using server = await serve(() => controller.abort())
    await using t = await kindTrial({ urls: [server.origin] })
    const { signal } = controller
    expect(await t.run({ type: 'http', url: server.origin }, { signal })).toEqual({
      kind: 'interrupted',
    })
  })
})

describe('a redirect', () => {
  it('to the same host is followed with the event', async () => {
    await using server = await serve((request, response) =>
      request.url === '/a'
        ? saying(307, '', { location: '/b' })(request, response)
        : saying(200, 'ok')(request, response),
    )
    await using t = await kindTrial({ urls: [`${server.origin}/*`], input: { a: 1 } })
    expect(await t.run({ type: 'http', url: `${server.origin}/a` })).toMatchObject({ stdout: 'ok' })
    expect(server.seen.map(({ url, method, body }) => [url, method, body])).toEqual([
      ['/a', 'POST', '{"a":1}'],
      ['/b', 'POST', '{"a":1}'],
    ])
  })

  it('to another host is not followed, also to one that is listed', async () => {
    await using other = await serve(saying(200))
    await using server = await serve(saying(308, '', { location: `${other.origin}/x` }))
    await using t = await kindTrial({ urls: [server.origin, `${other.origin}/*`] })
    expect((await t.run({ type: 'http', url: server.origin })).kind).toBe('broken')
    expect(other.seen).toEqual([])
  })

  it('to what is not listed is not followed', async () => {
    await using server = await serve(saying(307, '', { location: '/private' }))
    await using t = await kindTrial({ urls: [`${server.origin}/public`] })
    expect(await t.run({ type: 'http', url: `${server.origin}/public` })).toMatchObject({
      message: expect.stringContaining('not allowed'),
    })
    expect(server.seen).toHaveLength(1)
  })

  it.each([301, 302, 303])('that would lose the event is not followed: %d', async (status) => {
    await using server = await serve(saying(status, '', { location: '/b' }))
    await using t = await kindTrial({ urls: [`${server.origin}/*`] })
    expect((await t.run({ type: 'http', url: `${server.origin}/a` })).kind).toBe('broken')
  })

  it('in a circle ends', async () => {
    await using server = await serve(saying(307, '', { location: '/a' }))
    await using t = await kindTrial({ urls: [`${server.origin}/*`] })
    expect(await t.run({ type: 'http', url: `${server.origin}/a` })).toMatchObject({
      message: expect.stringContaining('more than 3 times'),
    })
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}

async function certified() {
  const home = await temporaryHome()
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(home.path, name)) as [
    string,
    string,
  ]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject]
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  return { cert, server: await serve(saying(200, 'safe'), tls), home }
}

describe.skipIf(!hasOpenssl())('a certificate', () => {
  it('that nobody vouches for is a failure that says so', async () => {
    const { server, home } = await certified()
    await using stack = new AsyncDisposableStack()
    stack.use(home)
    stack.use(server)
    await using t = await kindTrial({ urls: [server.origin] })
    expect(await t.run({ type: 'http', url: server.origin })).toMatchObject({
      kind: 'broken',
      message: expect.stringMatching(/self[- ]signed certificate/),
    })
  })

  it('may be vouched for by the environment', async () => {
    const { server, home, cert } = await certified()
    await using stack = new AsyncDisposableStack()
    stack.use(home)
    stack.use(server)
    vi.stubEnv('HOOKLINE_CA_CERTIFICATE', cert)
    await using t = await kindTrial({ urls: [server.origin] })
    expect(await t.run({ type: 'http', url: server.origin })).toMatchObject({ stdout: 'safe' })
  })
})
