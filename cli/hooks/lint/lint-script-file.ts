import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { everywhere, will } from './finding.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'

/** The file of a script handler, which lies beside the hooks file or below it. */
export function lintScriptFile({ type, fields, path }: HandlerNode, context: LintContext): void {
  const { file } = fields
  if (type !== 'script' || typeof file !== 'string' || file.includes('${')) return
  const script = resolve(dirname(context.file), file)
  if (existsSync(script)) return
  context.findings.add('ScriptMissing', [...path, 'file'], {
    message: `${script} does not exist`,
    consequences: everywhere(will('skipped', 'leaves the handler out')),
    fix: 'give the path from the folder of the hooks file',
  })
}
