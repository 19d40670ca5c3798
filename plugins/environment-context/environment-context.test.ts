import { textOf } from 'hookline'
import { runTurn, scriptedModel, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { contextText, type Environment } from './context-text.ts'
import { environmentContext } from './index.ts'
import { localDate, timeZone } from './time-zone.ts'

const readOnly: Environment = {
  cwd: '/ws',
  shell: 'bash',
  date: '2026-11-20',
  timeZone: 'Etc/UTC',
  temporaryFolder: undefined,
  sandbox: {
    mode: 'read-only',
    writableRoots: [],
    network: false,
    deniedReads: [],
    deniedReadGlobs: [],
    backend: 'bwrap',
  },
}

function withSandbox(change: Partial<Environment['sandbox']>): Environment {
  return { ...readOnly, sandbox: { ...readOnly.sandbox, ...change } }
}

describe('contextText', () => {
  it('tells where the model works', () => {
    expect(contextText(readOnly)).toBe(`<environment_context>
  <cwd>/ws</cwd>
  <shell>bash</shell>
  <current_date>2026-11-20</current_date>
  <timezone>Etc/UTC</timezone>
  <filesystem><workspace_roots><root>/ws</root></workspace_roots><permission_profile type="managed"><file_system type="restricted"><entry access="read"><special>:root</special></entry></file_system></permission_profile></filesystem>
</environment_context>`)
  })

  it('tells what may be written, and what stays protected in it', () => {
    const writing = withSandbox({
      mode: 'workspace-write',
      writableRoots: ['/ws', '/tmp', '/var/tmp/me', '/home/memories'],
      readOnlyPaths: ['/ws/kept', '/home'],
    })
    const text = contextText({ ...writing, temporaryFolder: '/var/tmp/me' })
    expect(text).toContain('<entry access="write"><path>/ws</path></entry>')
    expect(text).toContain('<entry access="write"><special>:slash_tmp</special></entry>')
    expect(text).toContain('<entry access="write"><special>:tmpdir</special></entry>')
    expect(text).toContain('<entry access="read"><path>/ws/.git</path></entry>')
    expect(text).toContain('<entry access="read"><path>/ws/kept</path></entry>')
    expect(text).toContain('<entry access="write"><path>/home/memories</path></entry>')
    expect(text).not.toMatch(/(tmp|me|memories)\/\.git/)
  })

  it('tells what may not be read, and when nothing is restricted', () => {
    const denied = withSandbox({ deniedReads: ['/ws/key'], deniedReadGlobs: ['/ws/**/*.env'] })
    expect(contextText(denied)).toContain(
      '<entry access="deny"><path>/ws/key</path></entry><entry access="deny"><glob>/ws/**/*.env</glob></entry>',
    )
    const text = contextText(withSandbox({ mode: 'danger-full-access' }))
    expect(text).toContain('<file_system type="unrestricted"></file_system>')
  })

  it('does not let a name break out of its tag', () => {
    const text = contextText({ ...readOnly, cwd: '/a</cwd>&<b>' })
    expect(text).toContain('<cwd>/a&lt;/cwd&gt;&amp;&lt;b&gt;</cwd>')
  })
})

describe('timeZone', () => {
  it.each([
    ['Europe/Zurich', 'Europe/Zurich'],
    [':America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['/usr/share/zoneinfo/Asia/Tokyo', 'Asia/Tokyo'],
    ['UTC', 'UTC'],
  ])('takes TZ=%s as %s', async (TZ, expected) => {
    expect(await timeZone({ TZ })).toBe(expected)
  })

  it('finds a name without TZ, and for a TZ that is no name', async () => {
    expect(await timeZone({})).toMatch(/^[A-Z]/)
    expect(await timeZone({ TZ: '</timezone>' })).not.toContain('<')
  })
})

describe('localDate', () => {
  it('is the date where the process runs', () => {
    expect(localDate(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05')
    expect(localDate(new Date(2026, 10, 20, 0, 0))).toBe('2026-11-20')
  })
})

/** All texts of the second turn's request. */
async function textsOf(settings: Readonly<Record<string, unknown>>) {
  const model = scriptedModel([])
  await using test = await testKernel([model.plugin, environmentContext], { settings })
  await runTurn(test, 'one')
  await runTurn(test, 'two')
  const items = model.requests.at(-1)?.items ?? []
  const texts = items.flatMap((item) => (item.type === 'message' ? [textOf(item.parts)] : []))
  return { texts, cwd: test.session.facts.cwd }
}

describe('environment-context', () => {
  it('is told once while nothing changes', async () => {
    const { texts, cwd } = await textsOf({})
    expect(texts).toEqual([
      expect.stringContaining(`<environment_context>\n  <cwd>${cwd}</cwd>`),
      'one',
      'done',
      'two',
    ])
  })

  it('can be left out', async () => {
    const { texts } = await textsOf({ include_environment_context: false })
    expect(texts).toEqual(['one', 'done', 'two'])
  })
})
