import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import type { Finding } from './finding.ts'
import { lintText, type LintOptions } from './lint-file.ts'

/** A file to be looked at, as a test wants it. */
export interface Given extends LintOptions {
  /** Its place in a temporary folder. */
  readonly place?: string
  /** What lies around it. */
  readonly files?: Readonly<Record<string, string>>
}

/** The findings of a text or value at a place. */
export async function findingsIn(content: unknown, given: Given = {}): Promise<readonly Finding[]> {
  const { place = 'hooks.json', files = {}, ...options } = given
  await using folder = await temporaryHome(files)
  const file = join(folder.path, place)
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return lintText(text, file, options).findings.map((finding) => ({
    ...finding,
    message: finding.message.replaceAll(folder.path, '{{folder}}'),
  }))
}

/** A file with one handler, as a command or in full. */
export function oneHandler(
  event: string,
  handler: string | Readonly<Record<string, unknown>>,
  group: Readonly<Record<string, unknown>> = {},
): unknown {
  const fields = typeof handler === 'string' ? { command: handler } : handler
  return { hooks: { [event]: [{ ...group, hooks: [{ type: 'command', ...fields }] }] } }
}

/** The findings in short: severity and code. */
export function inShort(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ severity, code }) => `${severity} ${code}`)
}

/** What each product makes of the first finding. */
export function effectsOf(findings: readonly Finding[]): readonly string[] {
  const { hookline, codex, claude } = findings[0]?.consequences ?? {}
  return [hookline, codex, claude].map((consequence) => consequence?.effect ?? 'nothing')
}
