import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { runCli } from '../support/run-cli.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'hooks-examples')
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const textOf = (...path: readonly string[]) => readFileSync(join(folder, ...path), 'utf8')

interface Handler {
  readonly type: string
  readonly command?: string
  readonly file?: string
  readonly persistent?: boolean
  readonly onFailure?: string
}

interface HooksFile {
  readonly dialect?: string
  readonly hooks: Readonly<
    Record<string, readonly { readonly sequential?: boolean; readonly hooks: readonly Handler[] }[]>
  >
}

interface TestReport {
  readonly total: number
  readonly files: readonly {
    readonly file: string
    readonly error?: string
    readonly cases: readonly { readonly name: string; readonly failures: readonly string[] }[]
  }[]
}

const hooksOf = (name: string) => JSON.parse(textOf(name, 'hooks.json')) as HooksFile
const groups = examples.flatMap((name) => Object.values(hooksOf(name).hooks).flat())
const handlers = groups.flatMap(({ hooks }) => hooks)

async function hookline(...words: readonly string[]) {
  await using home = await temporaryHome({})
  return runCli(['hooks', ...words], { home: home.path, cwd: root, source: true })
}

function faultsIn({ files }: TestReport): readonly string[] {
  return files.flatMap(({ file, error, cases }) => [
    ...(error === undefined ? [] : [`${file}: ${error}`]),
    ...cases.flatMap(({ name, failures }) => failures.map((why) => `${file}: ${name}: ${why}`)),
  ])
}

describe('the examples of hooks', () => {
  it('pass their tests', { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await hookline('test', '--json', 'hooks-examples')
    expect(stderr).toBe('')
    const report = JSON.parse(stdout) as TestReport
    expect(faultsIn(report)).toEqual([])
    expect(code).toBe(0)
    expect(report.files).toHaveLength(examples.length)
  })

  it('give the linter nothing to say', async () => {
    const { code, stdout } = await hookline('lint', '--strict', 'hooks-examples')
    expect(stdout).toMatch(/\b0 errors, 0 warnings\b/)
    expect(code).toBe(0)
  })

  it.each(examples)('%s has a page with what a reader needs, and a line in the list', (name) => {
    const headings = [...textOf(name, 'README.md').matchAll(/^## (.+)$/gm)].map(([, text]) => text)
    expect(headings).toEqual(['Install', 'Test', 'What to change', 'Limits'])
    expect(textOf('README.md')).toContain(`[${name}](${name})`)
  })

  it.each(examples)('%s has every program that it names, ready to be started', (name) => {
    const own = Object.values(hooksOf(name).hooks).flatMap((list) => list.flatMap((g) => g.hooks))
    for (const { command = '', file } of own) {
      const script = file ?? /\}?\/([\w.-]+)"/.exec(command)?.[1]
      if (script === undefined) continue
      const { mode } = statSync(join(folder, name, script))
      expect({ script, canRun: file !== undefined || (mode & 0o111) === 0o111 }).toEqual({
        script,
        canRun: true,
      })
    }
  })

  it('show every event that is asked for again and again', () => {
    const shown = new Set(examples.flatMap((name) => Object.keys(hooksOf(name).hooks)))
    for (const event of [
      'SessionStart',
      'UserPromptSubmit',
      'PreToolUse',
      'PermissionRequest',
      'PostToolUse',
      'PostToolUseFailure',
      'PostToolBatch',
      'PreCompact',
      'SubagentStart',
      'SubagentStop',
      'Stop',
      'Interrupt',
      'Notification',
      'SessionEnd',
    ])
      expect(shown).toContain(event)
  })

  it('show both dialects, every language and every way to run that is our own', () => {
    expect(new Set(examples.map((name) => hooksOf(name).dialect ?? 'codex'))).toEqual(
      new Set(['codex', 'claude']),
    )
    const commands = handlers.map(({ command = '' }) => command).join('\n')
    for (const ending of ['.sh"', '.py"', '.mjs"']) expect(commands).toContain(ending)
    expect(handlers.some(({ type, file }) => type === 'script' && file === undefined)).toBe(true)
    expect(handlers.some(({ type, file }) => type === 'script' && file !== undefined)).toBe(true)
    expect(handlers.some(({ persistent }) => persistent === true)).toBe(true)
    expect(handlers.some(({ onFailure }) => onFailure === 'block')).toBe(true)
    expect(groups.some(({ sequential }) => sequential === true)).toBe(true)
  })
})
