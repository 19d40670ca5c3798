import type { HookSource } from './hook-source.ts'

const placeholder = /\$\{(PLUGIN_ROOT|CLAUDE_PLUGIN_ROOT|PLUGIN_DATA|CLAUDE_PLUGIN_DATA)\}/g

/** Puts the folders of a bundle where its text has `${CLAUDE_PLUGIN_ROOT}` and the like. Other text stays as it is. */
export function fillPlaceholders(text: string, { bundle }: Pick<HookSource, 'bundle'>): string {
  if (!bundle || !text.includes('${')) return text
  return text.replace(placeholder, (_whole, name: string) =>
    name.endsWith('ROOT') ? bundle.root : bundle.dataDir,
  )
}

interface Words {
  readonly command: string
  readonly args?: readonly string[]
}

/** A command as it is started. Without a shell nobody else would replace what stands in its arguments. */
export function filledCommand<Command extends Words>(
  command: Command,
  source: Pick<HookSource, 'bundle' | 'projectDir'>,
): Command {
  const fill = (text: string) => fillPlaceholders(text, source)
  if (!command.args) return { ...command, command: fill(command.command) }
  const fillAll = (text: string) =>
    fill(text).replaceAll('${CLAUDE_PROJECT_DIR}', () => source.projectDir)
  return { ...command, command: fillAll(command.command), args: command.args.map(fillAll) }
}
