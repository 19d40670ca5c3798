import type { HookProduct } from '../../../plugins/command-hooks/file-origin.ts'
import type { Dialect } from '../../../plugins/command-hooks/dialect.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Names under which hooks know a tool, and nobody else's. */
const byProduct: Readonly<Record<'everywhere' | 'ours' | 'claude', readonly string[]>> = {
  everywhere: words('Bash Edit Write'),
  ours: words('apply_patch view_image'),
  claude:
    words(`Read Glob Grep LS WebFetch WebSearch TodoWrite NotebookEdit NotebookRead BashOutput KillShell
    KillBash ExitPlanMode EnterPlanMode AskUserQuestion Skill SlashCommand Task Agent MultiEdit`),
}

/** Names of other products, and of the wire, for what hooks know under another name. */
const meant: ReadonlyMap<string, string> = new Map([
  ...words('shell exec_command local_shell shell_command unified_exec container.exec').map(
    (name) => [name, 'Bash'] as const,
  ),
  ...words('run_shell_command execute_command run_command run_terminal_cmd').map(
    (name) => [name, 'Bash'] as const,
  ),
  ...words('edit_file replace str_replace str_replace_editor str_replace_based_edit_tool').map(
    (name) => [name, 'Edit'] as const,
  ),
  ...words('write_file create_file').map((name) => [name, 'Write'] as const),
  ...words('read_file').map((name) => [name, 'Read'] as const),
])

const known = [...byProduct.everywhere, ...byProduct.ours, ...byProduct.claude]
const byLowerCase = new Map(known.map((name) => [name.toLowerCase(), name]))
const dialectTools: Readonly<Record<Dialect, readonly string[]>> = {
  codex: [],
  claude: ['MultiEdit', 'Task', 'Agent'],
}

/** Whether hooks of a product can ever see a tool by a name. Names that nobody knows may be those of further tools. */
export function canExist(name: string, product: HookProduct, dialect: Dialect): boolean {
  if (meant.has(name)) return false
  if (!known.includes(name)) {
    if (byLowerCase.has(name.toLowerCase())) return false
    return !/^mcp__[^_]+(_[^_]+)*$/.test(name)
  }
  if (byProduct.everywhere.includes(name)) return true
  if (byProduct.ours.includes(name)) return product !== 'claude'
  if (product === 'claude') return true
  return product === 'hookline' && dialectTools[dialect].includes(name)
}

/** What somebody may have meant by a name that no tool has. */
export function meantBy(name: string): string | undefined {
  if (/^mcp__[^_]+(_[^_]+)*$/.test(name)) return `${name}__.*`
  const better = meant.get(name) ?? byLowerCase.get(name.toLowerCase())
  return better === name ? undefined : better
}
