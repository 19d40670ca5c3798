#!/usr/bin/env node
// SubagentStart: tells a subagent the rules in subagent-rules.md.
// SubagentStop: sends it back, once, when a part of its report is missing.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const parts = ['Done:', 'Files:', 'Checked:']

function onStart() {
  const rules = readFileSync(join(import.meta.dirname, 'subagent-rules.md'), 'utf8').trim()
  return { hookSpecificOutput: { hookEventName: 'SubagentStart', additionalContext: rules } }
}

function onStop({ stop_hook_active: isAgain, last_assistant_message: message }) {
  const report = message ?? ''
  // A part stands at the beginning of a line, perhaps as a heading or in bold.
  const missing = parts.filter((part) => !new RegExp(`^[\\s#*>_-]*${part}`, 'im').test(report))
  if (isAgain || missing.length === 0) return undefined
  const reason = `Your report lacks ${missing.join(' and ')}. Give the whole report again, with ${parts.join(', ')}.`
  return { decision: 'block', reason }
}

let stdin = ''
for await (const chunk of process.stdin.setEncoding('utf8')) stdin += chunk
const event = JSON.parse(stdin)
const answer = event.hook_event_name === 'SubagentStart' ? onStart() : onStop(event)
if (answer !== undefined) console.log(JSON.stringify(answer))
