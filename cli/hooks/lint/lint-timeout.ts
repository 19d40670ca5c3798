import { events, isHookEvent } from '../../../plugins/command-hooks/events.ts'
import { everywhere, fine, will, type Consequences } from './finding.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'

const likelyMilliseconds = 1000
const longestSensible = 86_400

const drops = will('dropped', 'drops the whole file, with a warning')
const unclear = will('works', 'is not known to read it')

function lintForm(value: unknown, node: HandlerNode, { findings }: LintContext): void {
  const isNumeric = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value)
  const seconds = typeof value === 'number' ? value : Number(value)
  const rounded = Math.max(1, Math.ceil(seconds))
  const isUsable = (typeof value === 'number' || isNumeric) && seconds >= 0
  const fallback = isHookEvent(node.group.event) ? events[node.group.event].timeoutSec : 600
  const consequences: Consequences = {
    hookline: isUsable
      ? will('ignored', `takes it as ${rounded} s, with a warning`)
      : will('ignored', `takes the default of ${fallback} s, with a warning`),
    codex: drops,
    claude: unclear,
  }
  findings.add('TimeoutForm', [...node.path, 'timeout'], {
    message: `the timeout ${JSON.stringify(value)} is not a whole number of seconds`,
    consequences,
    fix: isUsable ? `write ${rounded}` : 'write a number of seconds, or leave it out',
  })
}

/** Interpreters that may need longer than the second that the end of a session waits. */
const slowStarts = /(^|[\s/"'])(python3?|node|bun|deno|ruby|npx|php)\b/

function lintDefault(node: HandlerNode, { findings }: LintContext): void {
  const { command } = node.fields
  if (node.group.event !== 'SessionEnd' || typeof command !== 'string') return
  if (!slowStarts.test(command)) return
  findings.add('TimeoutShort', node.path, {
    message: 'without a timeout, a handler of SessionEnd is ended after one second',
    consequences: everywhere(will('open', 'ends it, perhaps before it is done'), { claude: fine }),
    fix: 'give it a "timeout"',
    limit: 'info',
  })
}

function lintLength(seconds: number, node: HandlerNode, { findings }: LintContext): void {
  const at = [...node.path, 'timeout']
  if (seconds === 0) {
    const consequences = everywhere(will('ignored', 'takes it for one second'), { claude: unclear })
    findings.add('TimeoutShort', at, {
      message: 'a timeout of 0 is no absence of a limit',
      consequences,
      fix: 'write how many seconds it may take, or leave it out',
    })
  }
  if (seconds < likelyMilliseconds) return
  const isAbsurd = seconds > longestSensible
  const text = `waits up to ${seconds} s for a handler that hangs`
  findings.add('TimeoutLong', at, {
    message: `a timeout of ${seconds} is in seconds: ${duration(seconds)}`,
    consequences: everywhere(will(isAbsurd ? 'open' : 'ignored', text)),
    fix: seconds % 1000 === 0 ? `write ${seconds / 1000}` : 'write seconds, not milliseconds',
  })
}

function duration(seconds: number): string {
  const [divisor, unit] =
    seconds >= 86_400 ? [86_400, 'days'] : seconds >= 3600 ? [3600, 'hours'] : [60, 'minutes']
  return `${Math.round((seconds / divisor) * 10) / 10} ${unit}`
}

/** The time limit of a handler. */
export function lintTimeout(node: HandlerNode, context: LintContext): void {
  const { timeout } = node.fields
  if (timeout === undefined || timeout === null) return lintDefault(node, context)
  if (typeof timeout !== 'number' || !Number.isSafeInteger(timeout) || timeout < 0) {
    lintForm(timeout, node, context)
  }
  const seconds = Number(timeout)
  if (Number.isFinite(seconds) && seconds >= 0) lintLength(seconds, node, context)
}
