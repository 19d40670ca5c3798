import { describe, expect, it } from 'vitest'
import { isHookEvent } from './events.ts'
import { outcomeOf } from './outcome.ts'

/**
 * Event | answer | outcome. `S(…)` stands for the `hookSpecificOutput` of this event with the given fields. The tool is
 * called Bash.
 */
const table = `
SessionStart | S("additionalContext":" c ")                                          | completed {"context":"SessionStart hook additional context: c"}
SessionStart | S("additionalContext":"  ")                                           | completed {}
SessionStart | {"continue":false,"stopReason":"no"}                                  | stopped {"stop":"no"}
SubagentStart | S("additionalContext":"c")                                           | completed {"context":"SubagentStart hook additional context: c"}

UserPromptSubmit | {"decision":"block"}                                              | blocked {"deny":"Blocked by hook"}
UserPromptSubmit | {"decision":"block","reason":"no",S("additionalContext":"c")}     | blocked {"deny":"no","context":"UserPromptSubmit hook additional context: c"}
UserPromptSubmit | {"decision":"approve"}                                            | completed {}
UserPromptSubmit | {"continue":false}                                                | stopped {"deny":"UserPromptSubmit hook stopped execution"}

PreToolUse | S("permissionDecision":"deny")                                          | blocked {"deny":"Blocked by hook"}
PreToolUse | S("permissionDecision":"deny","permissionDecisionReason":"no")          | blocked {"deny":"no"}
PreToolUse | {"decision":"block"}                                                    | blocked {"deny":"Blocked by hook"}
PreToolUse | {"decision":"approve","reason":"fine"}                                  | completed {"grant":true}
PreToolUse | S("permissionDecision":"allow")                                         | completed {"grant":true}
PreToolUse | S("permissionDecision":"ask","permissionDecisionReason":"sure?")        | completed {"ask":"sure?"}
PreToolUse | S("permissionDecision":"ask")                                           | completed {"ask":"a PreToolUse hook asks for an approval"}
PreToolUse | S("permissionDecision":"defer")                                         | completed {"ask":"a PreToolUse hook asks for an approval"}
PreToolUse | {"decision":"approve",S("permissionDecision":"deny")}                   | blocked {"deny":"Blocked by hook"}
PreToolUse | {"decision":"block","reason":"no",S("additionalContext":"c")}           | blocked {"deny":"no","context":"PreToolUse:Bash hook additional context: c"}
PreToolUse | S("updatedInput":{"command":"x"})                                       | completed {"rewrite":{"input":{"command":"x"}}}
PreToolUse | S("permissionDecision":"allow","updatedInput":{"command":"x"})          | completed {"grant":true,"rewrite":{"input":{"command":"x"}}}
PreToolUse | S("permissionDecision":"deny","updatedInput":{"command":"x"})           | blocked {"deny":"Blocked by hook"}
PreToolUse | S("updatedInput":"x")                                                   | failed {}
PreToolUse | {"continue":false,"stopReason":"end"}                                   | stopped {"endTurn":"end"}
PreToolUse | {"continue":false,S("permissionDecision":"deny")}                       | stopped {"deny":"Blocked by hook","endTurn":"PreToolUse hook stopped execution"}
PreToolUse | {"suppressOutput":true,"reason":"r"}                                    | completed {}

PermissionRequest | S("decision":{"behavior":"allow"})                               | completed {"grant":true}
PermissionRequest | S("decision":{"behavior":"allow","updatedPermissions":[]})       | completed {"grant":true}
PermissionRequest | S("decision":{"behavior":"allow","updatedInput":{}})             | failed {}
PermissionRequest | S("decision":{"behavior":"deny","message":"no"})                 | blocked {"deny":"no"}
PermissionRequest | S("decision":{"behavior":"deny","message":"no","interrupt":true}) | blocked {"deny":"no","endTurn":"no"}
PermissionRequest | {"continue":false,"stopReason":"end"}                            | stopped {"deny":"end","endTurn":"end"}
PermissionRequest | {}                                                               | completed {}

PermissionDenied | S("retry":true)                                                   | completed {"note":"PermissionDenied:Bash hook: the call may be tried again"}
PermissionDenied | S("retry":false)                                                  | completed {}
PermissionDenied | S("additionalContext":"c")                                        | completed {"note":"PermissionDenied:Bash hook additional context: c"}

PostToolUse | S("additionalContext":"c")                                             | completed {"note":"PostToolUse:Bash hook additional context: c"}
PostToolUse | {"decision":"block"}                                                   | blocked {"note":"PostToolUse:Bash hook feedback: Blocked by hook"}
PostToolUse | {"decision":"block","reason":"r",S("additionalContext":"c")}           | blocked {"note":"PostToolUse:Bash hook feedback: r\\nPostToolUse:Bash hook additional context: c"}
PostToolUse | {"continue":false,"stopReason":"end"}                                  | stopped {"endTurn":"end"}
PostToolUse | {"continue":false,"decision":"block","reason":"r"}                     | stopped {"note":"PostToolUse:Bash hook feedback: r","endTurn":"PostToolUse hook stopped execution"}
PostToolUse | S("updatedToolOutput":{"stdout":"x"})                                  | completed {"output":{"value":{"stdout":"x"},"onlyMcp":false}}
PostToolUse | S("updatedMCPToolOutput":"x")                                          | completed {"output":{"value":"x","onlyMcp":true}}
PostToolUse | {"suppressOutput":true}                                                | completed {}
PostToolUseFailure | S("additionalContext":"c")                                      | completed {"note":"PostToolUseFailure:Bash hook additional context: c"}

PostToolBatch | S("additionalContext":"c")                                           | completed {"note":"PostToolBatch hook additional context: c"}
PostToolBatch | {"decision":"block","reason":"r"}                                    | blocked {"endTurn":"r"}
PostToolBatch | {"continue":false}                                                   | stopped {"endTurn":"PostToolBatch hook stopped execution"}

Stop | {"decision":"block","reason":"go on"}                                         | blocked {"prompt":"Stop hook feedback:\\ngo on"}
Stop | {"decision":"block"}                                                          | blocked {"prompt":"Stop hook feedback:\\nBlocked by hook"}
Stop | {"decision":"approve"}                                                        | completed {}
Stop | S("additionalContext":"c")                                                    | completed {"prompt":"Stop hook additional context: c"}
Stop | {"decision":"block","reason":"r",S("additionalContext":"c")}                  | blocked {"prompt":"Stop hook feedback:\\nr\\nStop hook additional context: c"}
Stop | {"continue":false,"stopReason":"end","decision":"block","reason":"r"}         | stopped {"stop":"end"}
SubagentStop | {"decision":"block","reason":"go on"}                                 | blocked {"prompt":"SubagentStop hook feedback:\\ngo on"}

PreCompact | {"decision":"block","reason":"not now"}                                 | blocked {"stop":"not now"}
PreCompact | {"continue":false}                                                      | stopped {"stop":"PreCompact hook stopped execution"}
PostCompact | {"continue":false}                                                     | stopped {"stop":"PostCompact hook stopped execution"}
Notification | S("additionalContext":"c")                                            | completed {"context":"Notification hook additional context: c"}
StopFailure | {"decision":"block"}                                                   | completed {}
Interrupt | {"systemMessage":"m","other":1}                                          | completed {}
`

const rows = table
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [event = '', answer = '', outcome = ''] = line.split('|').map((cell) => cell.trim())
    const [status = '', effects = ''] = outcome.split(/ (.*)/)
    return { event, answer, status, effects }
  })

/** Writes out what a row abbreviates. */
function inFull(answer: string, event: string): string {
  const written = answer.replace(/S\((.*)\)/, (_whole, fields: string) => {
    const name = `"hookEventName":"${event}"`
    return `"hookSpecificOutput":{${fields === '' ? name : `${name},${fields}`}}`
  })
  return written.startsWith('{') ? written : `{${written}}`
}

describe('what an answer of the claude dialect means', () => {
  it.each(rows)('$event: $answer', ({ event, answer, status, effects }) => {
    if (!isHookEvent(event)) throw new Error(`no event ${event}`)
    const stdout = inFull(answer, event)
    const answerer = { dialect: 'claude', subject: 'Bash' } as const
    const outcome = outcomeOf({ kind: 'exited', code: 0, stdout, stderr: '' }, event, answerer)
    expect([outcome.status, outcome.effects]).toEqual([status, JSON.parse(effects)])
  })

  it('goes on after what would end the turn, where the handler wants that', () => {
    const answered = { continue: false, stopReason: 'not like this' }
    const result = {
      kind: 'exited',
      code: 0,
      stdout: JSON.stringify(answered),
      stderr: '',
    } as const
    const answerer = { dialect: 'claude', subject: 'Bash', continueOnBlock: true } as const
    expect(outcomeOf(result, 'PostToolUse', answerer).effects).toEqual({
      note: 'PostToolUse:Bash hook feedback: not like this',
    })
  })
})
