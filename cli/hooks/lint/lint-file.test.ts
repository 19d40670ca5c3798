import { describe, expect, it } from 'vitest'
import { effectsOf, findingsIn, inShort, oneHandler } from './lint-harness.ts'

describe('a hooks file', () => {
  it('without a fault has no finding', async () => {
    const findings = await findingsIn({
      description: 'd',
      hooks: {
        PreToolUse: [
          { matcher: 'Bash', hooks: [{ type: 'command', command: 'true', timeout: 10 }] },
        ],
        Stop: [{ hooks: [{ type: 'command', command: "echo '{}'" }] }],
      },
    })
    expect(findings).toEqual([])
  })

  it('that is not JSON is told with line and column', async () => {
    const [finding] = await findingsIn('{\n  "hooks": {,}\n}')
    expect(finding).toMatchObject({
      code: 'FileInvalid',
      severity: 'error',
      pointer: '',
      place: { line: 2, column: 13 },
    })
  })

  it.each([
    ['[]', 'error FileShape'],
    ['{}', 'error FileShape'],
    ['{"hooks": []}', 'error FileShape'],
    ['{"hooks": {"Stop": {}}}', 'error FileShape'],
    ['{"hooks": {"Stop": [{}]}}', 'error FileShape'],
    ['{"hooks": {"Stop": [{"command": "x"}]}}', 'error FileShape'],
    ['{"hooks": {"Stop": [{"hooks": []}]}}', 'warning GroupEmpty'],
    ['{"hooks": {"Stop": [{"hooks": [{"command": "true"}]}]}}', 'error TypeMissing'],
    ['{"hooks": {"Stop": [{"hooks": ["true"]}]}}', 'error TypeMissing'],
    ['{"Stop": []}', 'error FileShape'],
    ['{"hooks": {}, "Hooks": 1}', 'warning TopKeyUnknown'],
    ['{"hooks": {}, "dialect": "gpt"}', 'warning DialectUnknown'],
    ['{"hooks": {"PretoolUse": []}}', 'error EventUnknown'],
    ['{"hooks": {"PretoolUse": [{}]}}', 'error EventUnknown'],
  ])('%s: %s', async (text, expected) => {
    expect(inShort(await findingsIn(text))).toEqual([expected])
  })

  it('tells a key that stands there twice, because the first one is lost', async () => {
    const findings = await findingsIn('{"hooks":\n{"Stop": [],\n "Stop": []}}')
    expect(findings).toMatchObject([
      {
        code: 'KeyTwice',
        severity: 'error',
        pointer: '/hooks/Stop',
        place: { line: 3, column: 2 },
      },
    ])
  })

  it('is judged for the product whose folder it lies in', async () => {
    const file = { version: 1, hooks: {} }
    const at = async (place: string, files = {}) =>
      inShort(await findingsIn(file, { place, files }))
    expect(await at('.hookline/hooks.json')).toEqual(['warning TopKeyUnknown'])
    expect(await at('.codex/hooks.json')).toEqual(['error TopKeyUnknown'])
    expect(await at('.claude/settings.json')).toEqual([])
    expect(await at('x/hooks/hooks.json', { 'x/.codex-plugin/plugin.json': '{}' })).toEqual([
      'error TopKeyUnknown',
    ])
  })

  it('is judged for a product that is asked for', async () => {
    const file = { version: 1, hooks: {} }
    expect(inShort(await findingsIn(file, { dialect: 'codex' }))).toEqual(['error TopKeyUnknown'])
  })

  it('may be a table of config.toml, whose record of trust is no event', async () => {
    const text = [
      '[[hooks.Stop]]',
      'matcher = "Bash"',
      '[[hooks.Stop.hooks]]',
      'type = "command"',
      'command = "true"',
      'timeout = 5000',
      '[hooks.state."k"]',
      'trusted_hash = "x"',
    ].join('\n')
    const findings = await findingsIn(text, { place: '.codex/config.toml' })
    expect(findings).toMatchObject([
      { code: 'MatcherIgnored', place: { line: 2 } },
      { code: 'TimeoutLong', place: { line: 6 } },
    ])
  })

  it('tells settings that turn their own hooks off', async () => {
    const settings = { disableAllHooks: true, hooks: { Stop: [] } }
    const findings = await findingsIn(settings, { place: '.claude/settings.json' })
    expect(inShort(findings)).toEqual(['warning HooksTurnedOff'])
  })

  it('tells events that only one product fires', async () => {
    const events = { hooks: { TeammateIdle: [{ hooks: [{ type: 'shell' }] }], Interrupt: [] } }
    const findings = await findingsIn(events, { dialect: 'claude' })
    expect(inShort(findings)).toEqual([
      'warning EventForeign',
      'error TypeUnknown',
      'error EventForeign',
    ])
    expect(effectsOf(findings)).toEqual(['skipped', 'skipped', 'works'])
  })

  it('tells types that a product does not run, with what that costs', async () => {
    const prompt = await findingsIn(oneHandler('Stop', { type: 'prompt', prompt: 'p' }), {
      dialect: 'codex',
    })
    expect(effectsOf(prompt)[1]).toBe('skipped')
    const http = await findingsIn(oneHandler('Stop', { type: 'http', url: 'https://a.b' }), {
      dialect: 'codex',
    })
    expect(http.find(({ code }) => code === 'TypeForeign')).toMatchObject({
      severity: 'error',
      consequences: { codex: { effect: 'dropped' }, claude: { effect: 'works' } },
    })
    expect(inShort(await findingsIn(oneHandler('Stop', { type: 'comand' })))).toEqual([
      'error TypeUnknown',
    ])
  })

  it('tells the same handler on the same event', async () => {
    const group = { matcher: '*', hooks: [{ type: 'command', command: 'true' }] }
    const file = { hooks: { PreToolUse: [group, { hooks: group.hooks }] } }
    const [finding] = await findingsIn(file)
    expect(finding).toMatchObject({ code: 'HandlerTwice', pointer: '/hooks/PreToolUse/1/hooks/0' })
    expect(await findingsIn(file, { dialect: 'claude' })).toEqual([])
  })

  it.each([
    [{ type: 'http', url: 'ftp://a.b' }, 'UrlInvalid'],
    [{ type: 'http' }, 'UrlInvalid'],
    [{ type: 'http', url: 'http://a.b/c' }, 'UrlInsecure'],
  ])('looks at addresses: %j', async (handler, code) => {
    const findings = await findingsIn(oneHandler('Stop', handler), { dialect: 'claude' })
    expect(findings.map((finding) => finding.code)).toContain(code)
  })

  it('lets http go without encryption on this machine', async () => {
    const handler = { type: 'http', url: 'http://localhost:8080/x' }
    const findings = await findingsIn(oneHandler('Stop', handler), { dialect: 'claude' })
    expect(findings.map(({ code }) => code)).not.toContain('UrlInsecure')
  })
})

describe('keys of groups and handlers', () => {
  it.each([
    [{ command: 'true', timeoutSec: 5 }, 'KeyUnknown', 'write "timeout", in seconds'],
    [{ command: 'true', commnad: 'x' }, 'KeyUnknown', 'write "command"'],
    [{ command: 'true', name: 'n' }, 'KeyUnknown', 'remove it'],
  ])('%j', async (handler, code, fix) => {
    const [finding] = await findingsIn(oneHandler('Stop', handler))
    expect(finding).toMatchObject({ code, fix })
  })

  it('of another product matter where they are not read', async () => {
    const file = oneHandler('PreToolUse', { command: 'true', if: 'Bash(git *)' })
    const findings = await findingsIn(file, { dialect: 'codex' })
    expect(findings).toMatchObject([
      { code: 'KeyForeign', pointer: '/hooks/PreToolUse/0/hooks/0/if' },
    ])
  })

  it.each([
    ['30', 'TimeoutForm', 'write 30'],
    [1.5, 'TimeoutForm', 'write 2'],
    ['soon', 'TimeoutForm', 'write a number of seconds, or leave it out'],
    [-1, 'TimeoutForm', 'write a number of seconds, or leave it out'],
    [0, 'TimeoutShort', 'write how many seconds it may take, or leave it out'],
    [5000, 'TimeoutLong', 'write 5'],
    [1500, 'TimeoutLong', 'write seconds, not milliseconds'],
  ])('a timeout of %j', async (timeout, code, fix) => {
    const findings = await findingsIn(oneHandler('Stop', { command: 'true', timeout }))
    expect(findings).toMatchObject([{ code, severity: 'warning', fix }])
  })

  it('a timeout of more than a day is an error', async () => {
    const findings = await findingsIn(oneHandler('Stop', { command: 'true', timeout: 90_000 }))
    expect(inShort(findings)).toEqual(['error TimeoutLong'])
  })

  it('a timeout that Codex cannot read costs it the file', async () => {
    const findings = await findingsIn(oneHandler('Stop', { command: 'true', timeout: '30' }), {
      dialect: 'codex',
    })
    expect(inShort(findings)).toEqual(['error TimeoutForm'])
    expect(effectsOf(findings)).toEqual(['ignored', 'dropped', 'works'])
  })
})
