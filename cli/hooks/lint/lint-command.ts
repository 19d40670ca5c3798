import { everywhere, fine, will, type Consequence, type Consequences } from './finding.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'
import { parseShell, type Piece, type ShellCommand, type Word } from './shell-words.ts'
import { lintProgram } from './lint-program.ts'

const failsOpen = (text: string): Consequence =>
  will('open', `${text}, and lets everything through`)

/** Variables that hold a path which may hold blanks. */
const roots = /^((CLAUDE_)?PLUGIN_(ROOT|DATA)|(CLAUDE|HOOKLINE)_PROJECT_DIR|HOOKLINE_HOOKS_DIR)$/
const bundleOnly = /^(CLAUDE_)?PLUGIN_(ROOT|DATA)$/

function unquotedRoot(word: Word): string | undefined {
  const piece = word.find(
    (candidate) =>
      candidate.kind === 'variable' && candidate.quote === 'none' && roots.test(candidate.name),
  )
  return piece?.kind === 'variable' ? piece.name : undefined
}

function lintQuotes(command: string, commands: readonly ShellCommand[], at: HandlerAt): void {
  const found = commands
    .flatMap(({ words }) => words.map(unquotedRoot))
    .find((name) => name !== undefined)
  if (found === undefined) return
  at.context.findings.add('RootUnquoted', at.path, {
    message: `$${found} stands without quotes in "${brief(command)}"`,
    consequences: everywhere(failsOpen('where the path holds a blank, the command fails')),
    fix: `write "\${${found}}/…" in double quotes`,
    limit: 'warning',
  })
}

interface HandlerAt {
  readonly node: HandlerNode
  readonly context: LintContext
  readonly path: HandlerNode['path']
}

const variablesOf = (commands: readonly ShellCommand[]) =>
  commands.flatMap(({ words }) =>
    words
      .flat()
      .filter((piece): piece is Piece & { kind: 'variable' } => piece.kind === 'variable'),
  )

const empty = failsOpen('the variable is empty, so the path is wrong: the command fails')

/** Who sets a root variable, for a file that belongs to a bundle or does not. */
function settersOf(name: string, isInBundle: boolean): Consequences {
  const isOfBundle = bundleOnly.test(name)
  const isSet = {
    hookline: !isOfBundle || isInBundle,
    codex: isOfBundle && isInBundle,
    claude: name.startsWith('CLAUDE_') && (!isOfBundle || isInBundle),
  }
  return {
    hookline: isSet.hookline ? fine : empty,
    codex: isSet.codex ? fine : empty,
    claude: isSet.claude ? fine : empty,
  }
}

function lintVariables(commands: readonly ShellCommand[], { context, path }: HandlerAt): void {
  const isInBundle = context.origin.bundleRoot !== undefined
  const needed = variablesOf(commands)
    .filter(({ name, fallback }) => fallback === undefined && roots.test(name))
    .map(({ name }) => name)
  for (const name of new Set(needed)) {
    const isLost = bundleOnly.test(name) && !isInBundle
    context.findings.add('VariableUnset', path, {
      message: `$${name} is not set everywhere`,
      consequences: settersOf(name, isInBundle),
      fix: isLost
        ? 'write "$CLAUDE_PROJECT_DIR", or an absolute path'
        : `give it a fallback: "\${${name}:-$PWD}"`,
    })
  }
}

/** A command as it is quoted in a message. */
function brief(command: string): string {
  const line = command.replaceAll(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 57)}…` : line
}

function lintMissing(node: HandlerNode, { findings }: LintContext): void {
  const { command } = node.fields
  findings.add('CommandMissing', [...node.path, ...(command === undefined ? [] : ['command'])], {
    message: `a command hook of ${node.group.event} has no command`,
    consequences: everywhere(
      will('skipped', 'leaves the handler out'),
      typeof command === 'string' ? {} : { codex: will('dropped', 'drops the whole file') },
    ),
    fix: 'give it a command, or remove it',
  })
}

/** What a command handler would start. */
export function lintCommand(node: HandlerNode, context: LintContext): void {
  if (node.type !== 'command') return
  const { command, args } = node.fields
  const isOnlyWindows = command === undefined && typeof node.fields['commandWindows'] === 'string'
  if (isOnlyWindows) return
  if (typeof command !== 'string' || command.trim() === '') return lintMissing(node, context)
  const at: HandlerAt = { node, context, path: [...node.path, 'command'] }
  // With a list of arguments no shell takes the command apart.
  if (Array.isArray(args) && context.dialect === 'claude') return
  const commands = parseShell(command)
  lintQuotes(command, commands, at)
  lintVariables(commands, at)
  lintProgram(command, commands, at)
}
