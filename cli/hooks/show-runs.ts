import type { EventVerdict } from '../../plugins/command-hooks/sum-up.ts'
import { visible, visibleLines } from '../render/visible.ts'
import type { RunView } from './run-view.ts'

function block(name: string, text: string): readonly string[] {
  const trimmed = text.trimEnd()
  if (trimmed === '') return []
  const [first = '', ...rest] = visibleLines(trimmed)
  return [`   ${name.padEnd(7)} ${first}`, ...rest.map((line) => `           ${line}`)]
}

/** One run, with what went in and what came out. */
export function runLines(run: RunView, at: number): readonly string[] {
  const matcher = run.matcher === null || run.matcher === '' ? '' : ` [${run.matcher}]`
  const note = run.async ? ', asynchronous: nobody would wait for it' : ''
  return [
    visible(`${at + 1}. ${run.event}${matcher} ${run.command ?? run.type} (${run.dialect}${note})`),
    visible(`   key     ${run.key}`),
    ...block('stdin', JSON.stringify(run.stdin)),
    ...block('stdout', run.stdout),
    ...block('stderr', run.stderr),
    visible(`   ended   ${run.exit} after ${run.durationMs} ms: ${run.status}`),
    ...run.entries.flatMap(({ kind, text }) => block(kind, text)),
  ]
}

/** What all runs come to. */
export function verdictLines(verdict: EventVerdict): readonly string[] {
  const { decision, reason, updatedInput, updatedOutput, context, systemMessages } = verdict
  const why = reason === undefined ? '' : `: ${reason}`
  return [
    ...visibleLines(`verdict    ${decision}${why}`),
    ...(updatedInput === undefined ? [] : [visible(`input      ${JSON.stringify(updatedInput)}`)]),
    ...(updatedOutput === undefined
      ? []
      : [visible(`output     ${JSON.stringify(updatedOutput)}`)]),
    ...context.flatMap((text) => visibleLines(`context    ${text}`)),
    ...systemMessages.flatMap((text) => visibleLines(`message    ${text}`)),
  ]
}
