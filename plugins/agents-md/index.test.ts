import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { definePlugin, type InstructionPart } from 'hookline'
import { runTurn, scriptedModel, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { agentsMd } from './index.ts'
import { agentsMdSettings } from './settings.ts'
import { agentsMdSchemas } from './settings-schema.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

interface Setting {
  /** Below the folder; `home/` is the home, `ws/` the working directory unless `cwd` says otherwise. */
  readonly files: Files
  readonly cwd?: string
  readonly settings?: Readonly<Record<string, unknown>>
  readonly links?: Readonly<Record<string, string>>
  /** Changes files between two turns. */
  readonly between?: (folder: string) => Promise<unknown>
}

async function put(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

/** The texts between the tags that the model is told, one for each turn that told any, and all warnings. */
async function told(setting: Setting) {
  await using folder = await temporaryHome({ 'ws/.git/HEAD': '', 'home/.keep': '' })
  await put(folder.path, setting.files)
  for (const [name, goal] of Object.entries(setting.links ?? {})) {
    await symlink(goal, join(folder.path, name))
  }
  const cwd = join(folder.path, setting.cwd ?? 'ws')
  const model = scriptedModel([])
  await using test = await testKernel([model.plugin, agentsMd], {
    home: join(folder.path, 'home'),
    cwd,
    ...(setting.settings ? { settings: setting.settings } : {}),
  })
  await runTurn(test, 'one')
  if (setting.between) {
    await setting.between(folder.path)
    await runTurn(test, 'two')
  }
  const texts = (model.requests.at(-1)?.items ?? []).flatMap((item) =>
    item.type === 'message' && item.role === 'user'
      ? item.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      : [],
  )
  const start = `# AGENTS.md instructions for ${cwd}\n\n<INSTRUCTIONS>\n`
  const end = '\n</INSTRUCTIONS>'
  const warnings = test.events.flatMap((event) =>
    event.type === 'item_completed' && event.item.type === 'error' ? [event.item.message] : [],
  )
  const documents = texts.filter((text) => text.startsWith('# AGENTS.md'))
  expect(documents.every((text) => text.startsWith(start) && text.endsWith(end))).toBe(true)
  return {
    documents: documents.map((text) => text.slice(start.length, -end.length)),
    warnings,
    errors: test.errors,
  }
}

describe('agents-md', () => {
  it('says nothing where there is nothing to say', async () => {
    expect(await told({ files: { 'ws/AGENTS.md': ' \n' } })).toMatchObject({
      documents: [],
      warnings: [],
    })
  })

  it('tells the home text, then the project from its root down to the working directory', async () => {
    const files = {
      'AGENTS.md': 'above the root',
      'home/AGENTS.md': 'mine\n',
      'ws/AGENTS.md': 'root\n',
      'ws/a/b/AGENTS.md': 'leaf\n',
      'ws/a/b/c/AGENTS.md': 'below\n',
    }
    const { documents } = await told({ files, cwd: 'ws/a/b' })
    expect(documents).toEqual(['mine\n\n--- project-doc ---\n\nroot\n\nleaf'])
  })

  it('takes one file a folder: the override, then AGENTS.md, then the fallback names', async () => {
    const files = {
      'home/AGENTS.override.md': 'mine, really',
      'home/AGENTS.md': 'mine',
      'home/CLAUDE.md': 'never of the home',
      'ws/AGENTS.override.md': 'override',
      'ws/AGENTS.md': 'plain',
      'ws/a/CLAUDE.md': 'fallback',
    }
    const settings = { project_doc_fallback_filenames: ['CLAUDE.md'] }
    const { documents } = await told({ files, cwd: 'ws/a', settings })
    expect(documents).toEqual(['mine, really\n\n--- project-doc ---\n\noverride\n\nfallback'])
  })

  it.each([
    [['.root'], 'outer\n\ninner'],
    [[], 'inner'],
    [['.nothing'], 'inner'],
  ])('finds the root of the project by the markers %j', async (markers, expected) => {
    const files = { '.root': '', 'AGENTS.md': 'outer', 'ws/AGENTS.md': 'inner' }
    const { documents } = await told({ files, settings: { project_root_markers: markers } })
    expect(documents).toEqual([expected])
  })

  it('cuts at the budget of all project files together, and says so', async () => {
    const files = {
      'home/AGENTS.md': 'the home does not count',
      'ws/AGENTS.md': '0123456789',
      'ws/a/AGENTS.md': 'abcdefghi',
      'ws/a/b/AGENTS.md': 'left out',
    }
    const settings = { project_doc_max_bytes: 15 }
    const { documents, warnings } = await told({ files, cwd: 'ws/a/b', settings })
    expect(documents).toEqual([
      'the home does not count\n\n--- project-doc ---\n\n0123456789\n\nabcde',
    ])
    expect(warnings).toEqual([
      expect.stringMatching(/AGENTS\.md.* 5 of 9 bytes of .*\/ws\/a\/AGENTS\.md/),
      expect.stringMatching(/AGENTS\.md.* 0 of 8 bytes of .*\/ws\/a\/b\/AGENTS\.md/),
    ])
  })

  it('reads no project file with a budget of 0', async () => {
    const files = { 'home/AGENTS.md': 'mine', 'ws/AGENTS.md': 'project' }
    const { documents, warnings } = await told({ files, settings: { project_doc_max_bytes: 0 } })
    expect({ documents, warnings }).toEqual({ documents: ['mine'], warnings: [] })
  })

  it('does not cut a character in two', async () => {
    const files = { 'ws/AGENTS.md': 'aé and more' }
    const { documents, warnings } = await told({ files, settings: { project_doc_max_bytes: 2 } })
    expect(documents).toEqual(['a'])
    expect(warnings).toHaveLength(1)
  })

  it('replaces bytes that are not UTF-8, and says so', async () => {
    const files = { 'ws/AGENTS.md': new Uint8Array([0x61, 0xff, 0x62]) }
    const { documents, warnings } = await told({ files })
    expect(documents).toEqual(['a\uFFFDb'])
    expect(warnings).toEqual([expect.stringContaining('not valid UTF-8')])
  })

  it('does not follow a link out of the project to something else', async () => {
    const files = { secret: 'key', 'ws/a/CLAUDE.md': 'claude', 'shared/AGENTS.md': 'shared' }
    const stray = await told({ files, links: { 'ws/AGENTS.md': '../secret' } })
    expect(stray.documents).toEqual([])
    expect(stray.warnings).toEqual([
      expect.stringContaining('a link that leads out of the project'),
    ])
    const inside = await told({ files, links: { 'ws/AGENTS.md': 'a/CLAUDE.md' } })
    expect(inside.documents).toEqual(['claude'])
    const sameName = await told({ files, links: { 'ws/AGENTS.md': '../shared/AGENTS.md' } })
    expect(sameName.documents).toEqual(['shared'])
  })

  it('is not stopped by a folder of that name', async () => {
    const { documents, errors } = await told({
      files: { 'ws/AGENTS.md/x': '', 'home/AGENTS.md': 'm' },
    })
    expect(documents).toEqual(['m'])
    expect(errors).toEqual([])
  })

  it('tells a later turn only what has changed, and warns once', async () => {
    const files = { 'ws/AGENTS.md': 'first text' }
    const settings = { project_doc_max_bytes: 5 }
    const unchanged = await told({ files, settings, between: async () => undefined })
    expect(unchanged.documents).toEqual(['first'])
    expect(unchanged.warnings).toHaveLength(1)
    const changed = await told({
      files,
      between: async (folder) => {
        const path = join(folder, 'ws/AGENTS.md')
        await rm(path)
        await put(folder, { 'ws/AGENTS.md': 'other text' })
        await utimes(path, 1, 1)
      },
    })
    expect(changed.documents).toEqual(['first text', 'other text'])
  })
})

describe('the settings of agents-md', () => {
  it.each([
    ['project_doc_max_bytes', 0, true],
    ['project_doc_max_bytes', -1, false],
    ['project_doc_max_bytes', 'many', false],
    ['project_doc_fallback_filenames', ['CLAUDE.md'], true],
    ['project_doc_fallback_filenames', ['../x'], false],
    ['project_root_markers', [], true],
    ['project_root_markers', '.git', false],
  ] as const)('judge %s = %j alike with and without the schema', async (key, value, expected) => {
    const setting = agentsMdSettings[key]
    expect(setting.accepts?.(value)).toBe(expected)
    expect(agentsMdSchemas[key].safeParse(value).success).toBe(expected)
    expect(agentsMdSchemas[key].parse(setting.fallback)).toEqual(setting.fallback)
  })
})

describe('the part of the instructions', () => {
  it('says which files it was read from', async () => {
    await using folder = await temporaryHome({
      'home/AGENTS.md': 'own',
      'ws/.git/HEAD': '',
      'ws/AGENTS.md': 'project',
      'ws/sub/AGENTS.md': '  ',
    })
    const parts: (readonly InstructionPart[])[] = []
    const watcher = definePlugin({
      name: 'watcher',
      power: 'shape',
      setup: ({ hooks }) =>
        hooks.instructions.tap({ name: 'seen', stage: 'late' }, (seen) => void parts.push(seen)),
    })
    const cwd = join(folder.path, 'ws/sub')
    const home = join(folder.path, 'home')
    await using test = await testKernel([agentsMd, watcher], { home, cwd })
    await runTurn(test, 'go')
    expect(parts[0]).toMatchObject([
      { files: [join(home, 'AGENTS.md'), join(folder.path, 'ws/AGENTS.md')] },
    ])
  })
})
