import { describe, expect, it } from 'vitest'
import { isHookEvent } from './events.ts'
import { outcomeOf } from './outcome.ts'

/*
 * One answer a line: the event, what the handler says in JSON, and what comes of it in the codex dialect.
 * `S(…)` stands for a hookSpecificOutput of this event with the given fields.
 */
const table = `
SessionStart | S("additionalContext":"  ")                                        | completed {"context":"  "}
SessionStart | {"continue":false,"stopReason":"no"}                               | stopped {"stop":"no"}
SessionStart | {"continue":false,"stopReason":" "}                                | stopped {"stop":"SessionStart hook stopped execution"}
SessionStart | {"continue":false,S("additionalContext":"c")}                      | stopped {"stop":"SessionStart hook stopped execution","context":"c"}
SessionStart | {"suppressOutput":true}                                            | completed {}
SessionStart | {"decision":"block","reason":"no"}                                 | failed {}

UserPromptSubmit | S("additionalContext":"c")                                     | completed {"context":"c"}
UserPromptSubmit | {"decision":"block","reason":"no"}                             | blocked {"deny":"no"}
UserPromptSubmit | {"decision":"block"}                                           | failed {}
UserPromptSubmit | {"decision":"block","reason":"  "}                             | failed {}
UserPromptSubmit | {"continue":false,"stopReason":"halt"}                         | stopped {"deny":"halt"}
UserPromptSubmit | {"continue":false}                                             | stopped {"deny":"UserPromptSubmit hook stopped execution"}
UserPromptSubmit | {"decision":"block","reason":"no",S("additionalContext":"c")}  | blocked {"deny":"no","context":"c"}
UserPromptSubmit | {"decision":"block",S("additionalContext":"c")}                | failed {}

PreToolUse | S("permissionDecision":"deny","permissionDecisionReason":"no")       | blocked {"deny":"no"}
PreToolUse | {"decision":"block","reason":"no"}                                   | blocked {"deny":"no"}
PreToolUse | S("permissionDecision":"deny")                                       | failed {}
PreToolUse | S("permissionDecision":"deny","permissionDecisionReason":" ")        | failed {}
PreToolUse | {"decision":"block"}                                                 | failed {}
PreToolUse | S("permissionDecision":"allow","updatedInput":{"command":"x"})       | completed {"rewrite":{"input":{"command":"x"}}}
PreToolUse | S("updatedInput":{"command":"x"})                                    | failed {}
PreToolUse | S("permissionDecision":"deny","permissionDecisionReason":"no","updatedInput":{}) | failed {}
PreToolUse | S("permissionDecision":"allow")                                      | failed {}
PreToolUse | S("permissionDecision":"ask","permissionDecisionReason":"hm")        | failed {}
PreToolUse | {"decision":"approve","reason":"ok"}                                 | failed {}
PreToolUse | {"continue":false}                                                   | failed {}
PreToolUse | {"continue":false,S("permissionDecision":"deny","permissionDecisionReason":"no")} | failed {}
PreToolUse | {"stopReason":"x"}                                                   | failed {}
PreToolUse | {"suppressOutput":true}                                              | failed {}
PreToolUse | {"reason":"x"}                                                       | failed {}
PreToolUse | S("permissionDecisionReason":"x")                                    | failed {}
PreToolUse | S("additionalContext":"c")                                           | completed {"context":"c"}
PreToolUse | S("permissionDecision":"deny","permissionDecisionReason":"no","additionalContext":"c") | blocked {"deny":"no","context":"c"}
PreToolUse | {"decision":"approve",S("permissionDecision":"deny","permissionDecisionReason":"no")} | blocked {"deny":"no"}

PermissionRequest | S("decision":{"behavior":"allow"})                            | completed {"grant":true}
PermissionRequest | S("decision":{"behavior":"deny","message":"no"})              | blocked {"deny":"no"}
PermissionRequest | S("decision":{"behavior":"deny"})                             | blocked {"deny":"PermissionRequest hook denied approval"}
PermissionRequest | S()                                                           | completed {}
PermissionRequest | S("decision":{"behavior":"allow","updatedInput":{}})          | failed {}
PermissionRequest | S("decision":{"behavior":"allow","updatedPermissions":[]})    | failed {}
PermissionRequest | S("decision":{"behavior":"deny","interrupt":true})            | failed {}
PermissionRequest | S("decision":{"message":"no"})                                | failed {}
PermissionRequest | {"continue":false}                                            | failed {}
PermissionRequest | {"stopReason":"x"}                                            | failed {}

PostToolUse | {"decision":"block","reason":"why"}                                 | blocked {"feedback":"why"}
PostToolUse | {"continue":false}                                                  | stopped {"feedback":"PostToolUse hook stopped execution"}
PostToolUse | {"continue":false,"stopReason":"end"}                               | stopped {"feedback":"end"}
PostToolUse | {"continue":false,"stopReason":"end","decision":"block","reason":"because"} | stopped {"feedback":"because"}
PostToolUse | {"decision":"block","reason":"why",S("additionalContext":"c")}      | blocked {"feedback":"why","context":"c"}
PostToolUse | S("additionalContext":"c")                                          | completed {"context":"c"}
PostToolUse | S("updatedMCPToolOutput":{"x":1})                                   | failed {}
PostToolUse | S("updatedToolOutput":"x")                                          | failed {}
PostToolUse | {"suppressOutput":true}                                             | failed {}
PostToolUse | {"decision":"block"}                                                | failed {}
PostToolUse | {"reason":"hm"}                                                     | failed {}

Stop | {"decision":"block","reason":"go on"}                                      | blocked {"goOn":"go on"}
Stop | {"continue":false,"stopReason":"end"}                                      | stopped {"stop":"end"}
Stop | {"continue":false,"stopReason":"end","decision":"block","reason":"go on"}  | stopped {"stop":"end"}
Stop | {"decision":"block"}                                                       | failed {}
Stop | S()                                                                        | failed {}
SubagentStop | {"decision":"block","reason":"go on"}                              | blocked {"goOn":"go on"}
SubagentStart | S("additionalContext":"c")                                        | completed {"context":"c"}

PreCompact | {"continue":false,"stopReason":"no"}                                 | stopped {"stop":"no"}
PreCompact | {"decision":"block","reason":"no"}                                   | failed {}
PostCompact | {"continue":false}                                                  | stopped {"stop":"PostCompact hook stopped execution"}
PostCompact | S()                                                                 | failed {}

Interrupt | {"systemMessage":"m"}                                                 | completed {}
Interrupt | {"continue":false}                                                    | failed {}
SessionEnd | {"whatever":1}                                                       | completed {}
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

describe('what an answer means', () => {
  it.each(rows)('$event: $answer', ({ event, answer, status, effects }) => {
    if (!isHookEvent(event)) throw new Error(`no event ${event}`)
    const stdout = inFull(answer, event)
    const outcome = outcomeOf({ kind: 'exited', code: 0, stdout, stderr: '' }, event, 'codex')
    expect([outcome.status, outcome.effects]).toEqual([status, JSON.parse(effects)])
  })
})
