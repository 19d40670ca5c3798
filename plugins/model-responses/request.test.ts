import { itemJson, type Item, type ModelRequest, type ToolSpec } from 'hookline'
import { describe, expect, it, vi } from 'vitest'
import { endpointOf } from './endpoint.ts'
import {
  clientHeaders,
  requestBody as bodyPieces,
  requestHeaders,
  turnStateHeader,
} from './request.ts'

const secrets = { add: () => {}, redact: (text: string) => text }

const requestBody: (...given: Parameters<typeof bodyPieces>) => string = (...given) =>
  Buffer.concat(bodyPieces(...given)).toString()

function request(change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-5.5',
    items: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'user',
        parts: [{ type: 'text', text: 'hi "there"\n' }],
      },
    ],
    tools: [
      { name: 'look', description: 'Looks.', input: { kind: 'json', schema: { type: 'object' } } },
    ],
    parallelToolCalls: true,
    effort: 'medium',
    headers: {},
    sessionId: 'session-1',
    turnId: 'turn-1',
    kind: 'turn',
    turnState: new Map(),
    ...change,
  }
}

function body(change: Partial<ModelRequest> = {}, reasons = true): Record<string, unknown> {
  return JSON.parse(requestBody(request(change), { reasons }))
}

describe('the body', () => {
  it('has its keys in the order of the wire', () => {
    const full = body({ verbosity: 'low', serviceTier: 'flex' })
    expect(Object.keys(full)).toEqual([
      'model',
      'stream',
      'input',
      'tools',
      'tool_choice',
      'parallel_tool_calls',
      'reasoning',
      'store',
      'include',
      'prompt_cache_key',
      'text',
      'service_tier',
      'client_metadata',
    ])
    expect(full).toMatchObject({
      model: 'gpt-5.5',
      stream: true,
      input: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'user',
          content: [{ type: 'input_text', text: 'hi "there"\n' }],
        },
      ],
      tools: [
        {
          type: 'function',
          name: 'look',
          description: 'Looks.',
          strict: false,
          parameters: { type: 'object' },
        },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { effort: 'medium' },
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'session-1',
      text: { verbosity: 'low' },
      service_tier: 'flex',
      client_metadata: { session_id: 'session-1', thread_id: 'session-1', turn_id: 'turn-1' },
    })
  })

  it('leaves out what is not asked for', () => {
    const { effort: _effort, ...bare } = request()
    const plain: unknown = JSON.parse(
      requestBody({ ...bare, tools: [], items: [] }, { reasons: false }),
    )
    expect(plain).toEqual({
      model: 'gpt-5.5',
      stream: true,
      input: [],
      parallel_tool_calls: false,
      store: false,
      include: [],
      prompt_cache_key: 'session-1',
      client_metadata: { session_id: 'session-1', thread_id: 'session-1', turn_id: 'turn-1' },
    })
  })

  it('asks for a summary only where there is to be one', () => {
    expect(body({ summary: 'none' })['reasoning']).toEqual({ effort: 'medium' })
    expect(body({ summary: 'auto' })['reasoning']).toEqual({ effort: 'medium', summary: 'auto' })
  })

  it('carries the output schema', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    expect(body({ outputSchema: schema })['text']).toEqual({
      format: { type: 'json_schema', strict: true, name: 'hookline_output_schema', schema },
    })
  })

  it('repeats items byte for byte, and encodes each once', () => {
    const items: Item[] = [
      { type: 'reasoning', id: 'rs_1', summary: ['s'], encrypted: 'enc' },
      {
        type: 'tool_call',
        id: 'fc_1',
        callId: 'c1',
        name: 'look',
        payload: { kind: 'json', text: '{"a": 1}' },
      },
      { type: 'tool_output', id: 'fco_1', callId: 'c1', kind: 'json', output: 'ü' },
      { type: 'foreign', id: 'x', value: { type: 'hologram', id: 'x' } },
    ]
    const first = requestBody(request({ items }), { reasons: true })
    expect(first).toContain(`"input":[${items.map(itemJson).join(',')}]`)
    const stringify = vi.spyOn(JSON, 'stringify')
    try {
      const next: Item = { type: 'message', id: 'msg_2', role: 'user', parts: [] }
      requestBody(request({ items: [...items, next], tools: [] }), { reasons: true })
      expect(stringify.mock.calls.map(([value]) => value)).not.toContainEqual(
        expect.objectContaining({ type: 'reasoning' }),
      )
      expect(stringify).toHaveBeenCalledTimes(3)
    } finally {
      stringify.mockRestore()
    }
  })
})

function tool(name: string, more: Partial<ToolSpec> = {}): ToolSpec {
  return { name, description: name, input: { kind: 'json', schema: { type: 'object' } }, ...more }
}

describe('tools', () => {
  it('with a grammar, without one, and hosted ones', () => {
    const tools = [
      tool('patch', { input: { kind: 'text', grammar: 'start: "x"' } }),
      tool('free', { input: { kind: 'text' } }),
      tool('web_search', {
        input: { kind: 'hosted', wire: { type: 'web_search', external_web_access: false } },
      }),
    ]
    expect(body({ tools })['tools']).toEqual([
      {
        type: 'custom',
        name: 'patch',
        description: 'patch',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
      { type: 'custom', name: 'free', description: 'free' },
      { type: 'web_search', external_web_access: false },
    ])
  })

  it('of a namespace stand together where the first of them stood', () => {
    const tools = [
      tool('a'),
      tool('b', { namespace: 'n"1' }),
      tool('c'),
      tool('d', { namespace: 'n"1' }),
      tool('e', { namespace: 'n2' }),
    ]
    expect(body({ tools })['tools']).toMatchObject([
      { name: 'a' },
      {
        type: 'namespace',
        name: 'n"1',
        description: expect.any(String),
        tools: [{ name: 'b' }, { name: 'd' }],
      },
      { name: 'c' },
      { type: 'namespace', name: 'n2', tools: [{ name: 'e' }] },
    ])
  })

  it('are encoded once', () => {
    const tools = [tool('a'), tool('b', { namespace: 'n' })]
    const first = requestBody(request({ tools }), { reasons: true })
    expect(requestBody(request({ tools: [...tools] }), { reasons: true })).toBe(first)
    const stringify = vi.spyOn(JSON, 'stringify')
    try {
      requestBody(request({ tools }), { reasons: true })
      expect(stringify.mock.calls.map(([value]) => value)).not.toContainEqual(
        expect.objectContaining({ type: 'function' }),
      )
    } finally {
      stringify.mockRestore()
    }
  })
})

describe('headers', () => {
  const endpoint = endpointOf(
    'x',
    {
      base_url: 'http://127.0.0.1:1/v1',
      http_headers: { 'X-A': '1', Accept: 'text/plain', 'bad name': 'x', 'x-bad': 'a\nb' },
    },
    secrets,
  )
  const parts = { client: clientHeaders('exec'), credential: { Authorization: 'Bearer k' } }

  it('say who asks, for what', () => {
    expect(requestHeaders(request(), endpoint, parts)).toEqual({
      originator: 'hookline_exec',
      'user-agent': expect.stringMatching(/^hookline_exec\/\d+\.\d+\.\d+\S* \(\w+; \w+\)$/),
      'session-id': 'session-1',
      'thread-id': 'session-1',
      'x-client-request-id': 'session-1',
      'x-a': '1',
      authorization: 'Bearer k',
      accept: 'text/event-stream',
      'content-type': 'application/json',
    })
    expect(clientHeaders('subagent:review')['originator']).toBe('hookline_subagent_review')
    expect(requestHeaders(request({ kind: 'review' }), endpoint, parts)['x-openai-subagent']).toBe(
      'review',
    )
  })

  it('hand the state of the turn back', () => {
    expect(
      requestHeaders(request({ turnState: new Map([[turnStateHeader, 's1']]) }), endpoint, parts)[
        turnStateHeader
      ],
    ).toBe('s1')
  })

  it('of a hook are taken, but not those the request itself needs', () => {
    const headers = requestHeaders(
      request({ headers: { 'X-Trace': 't', Host: 'evil', 'Content-Length': '3' } }),
      endpoint,
      parts,
    )
    expect(headers['x-trace']).toBe('t')
    expect(headers).not.toHaveProperty('host')
    expect(headers).not.toHaveProperty('content-length')
  })
})
