import { dialects, type Dialect } from '../../../plugins/command-hooks/dialect.ts'
import { isHookEvent, readingOf, type HookEvent } from '../../../plugins/command-hooks/events.ts'
import { outcomeOf } from '../../../plugins/command-hooks/outcome.ts'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import { everywhere, fine, will, type Consequence, type Consequences } from './finding.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'
import { fileOf, startedBy, textOfScript, variablesAt } from './lint-program.ts'
import { parseShell, staticText, type ShellCommand } from './shell-words.ts'

const ofDialects = (
  consequence: (dialect: Dialect) => Consequence,
  dialect: Dialect,
): Consequences => ({
  hookline: consequence(dialect),
  codex: consequence('codex'),
  claude: consequence('claude'),
})

/** Objects that a command line prints as they stand. */
function literalAnswers(commands: readonly ShellCommand[]): readonly string[] {
  return commands.flatMap(({ words, diverted }) => {
    const [program, ...rest] = words.map(staticText)
    if (diverted || (program !== 'echo' && program !== 'printf')) return []
    return rest
      .filter((text) => text !== undefined)
      .filter((text) => /^\s*\{[\s\S]*\}\s*$/.test(text))
  })
}

function fateOf(stdout: string, event: HookEvent, dialect: Dialect): Consequence {
  const { status, entries } = outcomeOf(
    { kind: 'exited', code: 0, stdout, stderr: '' },
    event,
    dialect,
  )
  if (status !== 'failed') return fine
  const fault = entries.find(({ kind }) => kind === 'error')?.text ?? 'the answer has failed'
  return will('open', `${fault}; it counts for nothing`)
}

/** The event that an answer is for, where it says so and is in the wrong place. */
function wrongEvent(answer: string, event: HookEvent): string | undefined {
  try {
    const value: unknown = JSON.parse(answer)
    const specific = isTable(value) ? value['hookSpecificOutput'] : undefined
    const name = isTable(specific) ? specific['hookEventName'] : undefined
    return typeof name === 'string' && name !== event ? name : undefined
  } catch {
    return undefined
  }
}

function lintLiteral(answer: string, event: HookEvent, at: AnswerAt): void {
  const { context, path } = at
  const consequences = ofDialects((dialect) => fateOf(answer, event, dialect), context.dialect)
  const other = wrongEvent(answer, event)
  const claude =
    other === undefined
      ? consequences.claude
      : will('open', `it is for ${other}; it counts for nothing`)
  const byClaude = context.dialect === 'claude' ? { hookline: claude } : {}
  context.findings.add('AnswerFails', path, {
    message: `the answer that this handler of ${event} prints has no effect everywhere`,
    consequences: { ...consequences, claude, ...byClaude },
    fix:
      other === undefined
        ? 'give what the event asks for; a deny or block wants a reason'
        : `write "hookEventName": "${event}"`,
  })
}

interface AnswerAt {
  readonly context: LintContext
  readonly path: HandlerNode['path']
}

interface Exits {
  readonly withTwo: boolean
  readonly saysWhy: boolean
}

function exitsOf(commands: readonly ShellCommand[]): Exits {
  return {
    withTwo: commands.some(
      ({ words }) => staticText(words[0] ?? []) === 'exit' && staticText(words[1] ?? []) === '2',
    ),
    saysWhy: commands.some(({ toStderr }) => toStderr),
  }
}

const failsOnly = will('open', 'the run has failed, and nothing is blocked')

function lintExits({ withTwo, saysWhy }: Exits, event: HookEvent, { context, path }: AnswerAt) {
  if (!withTwo) return
  const canBlock = (dialect: Dialect) => readingOf(event, dialect).exit2 === 'blocks'
  context.findings.add('ExitTwoPowerless', path, {
    message: `exit code 2 does not block ${event} everywhere`,
    consequences: ofDialects((dialect) => (canBlock(dialect) ? fine : failsOnly), context.dialect),
    fix: 'use an event that can be blocked, or an answer on stdout',
    limit: 'info',
  })
  if (saysWhy) return
  const fate = (dialect: Dialect) =>
    canBlock(dialect) && dialects[dialect].silentReason === undefined ? failsOnly : fine
  context.findings.add('ExitTwoSilent', path, {
    message: `exit code 2 without a word on stderr does not block ${event} everywhere`,
    consequences: ofDialects(fate, context.dialect),
    fix: 'echo the reason >&2 before exit 2',
    limit: 'info',
  })
}

/** The commands of a shell script that a handler starts; undefined for other programs. */
function scriptCommands(
  commands: readonly ShellCommand[],
  context: LintContext,
): readonly ShellCommand[] | undefined {
  for (const command of commands) {
    const started = startedBy(command, variablesAt(context))
    const file = started?.script === undefined ? undefined : fileOf(started.script, context.origin)
    const text = file === undefined ? undefined : textOfScript(file)
    if (text === undefined || started === undefined) continue
    const isShell = started.isDirect
      ? /^#!.*\b(ba|da|z|k)?sh\b/.test(text)
      : /^(ba|da|z|k)?sh$/.test(started.program ?? '')
    if (isShell) return parseShell(text)
  }
  return undefined
}

function lintAsync(node: HandlerNode, denies: boolean, { context, path }: AnswerAt): void {
  if (node.fields['async'] !== true || !denies) return
  context.findings.add('AsyncPowerless', path, {
    message: 'nobody waits for an asynchronous handler, so it cannot block',
    consequences: everywhere(will('open', 'the operation goes on at once')),
    fix: 'leave out "async"',
    limit: 'warning',
  })
}

const denial = /"(permissionDecision|decision|behavior)"\s*:\s*"(deny|block)"/

/** What simple commands and shell scripts answer, as far as that stands there in so many words. */
export function lintAnswer(node: HandlerNode, context: LintContext): void {
  const { event } = node.group
  const { command, args } = node.fields
  if (node.type !== 'command' || !isHookEvent(event)) return
  if (typeof command !== 'string') return
  if (Array.isArray(args) && context.dialect === 'claude') return
  const at: AnswerAt = { context, path: [...node.path, 'command'] }
  const own = parseShell(command)
  const answers = literalAnswers(own)
  for (const answer of answers) lintLiteral(answer, event, at)
  const exits = exitsOf(scriptCommands(own, context) ?? own)
  lintExits(exits, event, at)
  lintAsync(node, exits.withTwo || answers.some((answer) => denial.test(answer)), at)
}
