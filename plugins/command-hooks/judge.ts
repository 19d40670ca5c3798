import type { Answer } from './answer.ts'
import { claudeJudges } from './claude-judges.ts'
import { codexJudges } from './codex-judges.ts'
import { events } from './events.ts'
import type { JudgeContext, Outcome } from './verdict.ts'

const judges = { codex: codexJudges, claude: claudeJudges } as const

/** What an answer means. `fields` have been checked against the shape of the event. */
export function judge(fields: Readonly<Record<string, unknown>>, context: JudgeContext): Outcome {
  // The shape of the event has been checked, and every shape is a part of this interface.
  const answer = fields as Answer
  const outcome = judges[context.dialect][events[context.event].kind](answer, context)
  const message = answer.systemMessage
  if (message === undefined) return outcome
  return { ...outcome, entries: [{ kind: 'warning', text: message }, ...outcome.entries] }
}
