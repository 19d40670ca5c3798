#!/usr/bin/env node
// All events: adds a line of JSON to a log. `persistent`: one process serves the whole session, which costs a
// fraction of a millisecond an event. A line comes in, a line goes out; `{}` is no objection.
//
// AUDIT_LOG is the file; without it, log/hooks.jsonl in the home of hookline.

import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const home = process.env.HOOKLINE_HOME ?? join(homedir(), '.hookline')
const wanted = process.env.AUDIT_LOG ?? join(home, 'log', 'hooks.jsonl')
const longestText = 2000
const largestFile = 50 * 1024 * 1024

/** What looks like a key is not written down: the log would be the best place to look for keys. */
const keys =
  /\b(?:(?:AKIA|ASIA)[A-Z2-7]{16}|gh[pousr]_\w{36,}|github_pat_\w{50,}|glpat-[\w-]{20,}|sk-[\w-]{20,}|xox[a-z]-[\w-]{16,}|[sr]k_live_\w{20,})|(?<=bearer\s+|(?:token|secret|password|api_?key)["']?\s*[=:]\s*["']?)[^\s"'$]{12,}/gi

function short(value) {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(keys, '[key]')
  return text.length > longestText ? `${text.slice(0, longestText)}… (${text.length})` : text
}

/** What each event has to say beside its name. */
const details = {
  SessionStart: ({ source, model, cwd }) => ({ source, model, cwd }),
  UserPromptSubmit: ({ prompt }) => ({ prompt: short(prompt) }),
  PreToolUse: ofCall,
  PermissionRequest: ofCall,
  PostToolUse: (event) => ({
    ...ofCall(event),
    output: short(event.tool_response),
    ms: event.duration_ms,
  }),
  PreCompact: ({ trigger }) => ({ trigger }),
  SubagentStart: ({ agent_type }) => ({ agent_type }),
  SubagentStop: ({ agent_type }) => ({ agent_type }),
  Stop: ({ last_assistant_message: last }) => ({ said: short(last ?? '') }),
  SessionEnd: ({ reason }) => ({ reason }),
}

function ofCall({ tool_name: tool, tool_use_id: call, tool_input: input }) {
  return { tool, call, input: short(input?.command ?? input ?? '') }
}

/** The time; a fixed one where SOURCE_DATE_EPOCH asks for it, as tests do. */
function now() {
  const fixed = Number(process.env.SOURCE_DATE_EPOCH ?? Number.NaN)
  return (Number.isFinite(fixed) ? new Date(fixed * 1000) : new Date()).toISOString()
}

/** One file is kept beside the one that is written. */
function turnOver(file) {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > largestFile) renameSync(file, `${file}.1`)
}

function write(event) {
  const { hook_event_name: name, session_id: session, turn_id: turn, agent_id: agent } = event
  const record = { at: now(), event: name, session, turn, agent, ...details[name]?.(event) }
  const file = resolve(event.cwd, wanted)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  turnOver(file)
  // In one piece: several sessions may write to the file.
  appendFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 })
}

/** A log that cannot be written stops nobody, but it is told. */
function answer(line) {
  try {
    write(JSON.parse(line))
    return {}
  } catch (error) {
    return { systemMessage: `audit-log: ${error.message}` }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answer(line))}\n`)
}
