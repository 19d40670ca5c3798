import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseItem, textOf, type Item, type SessionFacts, type ToolCallItem } from 'hookline'
import { isTable } from './shape.ts'

type Fields = Readonly<Record<string, unknown>>

const chunkBytes = 1024 * 1024

/** Reads the lines that have been added to a file since the last time. */
class NewLines {
  readonly #path: string
  #offset = 0
  #rest: Buffer = Buffer.alloc(0)

  constructor(path: string) {
    this.#path = path
  }

  take(): readonly string[] {
    // A record is made with its first entry, and the first hooks come before that.
    if (!existsSync(this.#path)) return []
    const fd = openSync(this.#path, 'r')
    const lines: string[] = []
    try {
      for (;;) {
        const chunk = Buffer.alloc(chunkBytes)
        const length = readSync(fd, chunk, 0, chunkBytes, this.#offset)
        if (length === 0) return lines
        this.#offset += length
        const text = Buffer.concat([this.#rest, chunk.subarray(0, length)])
        const end = text.lastIndexOf(0x0a)
        this.#rest = text.subarray(end + 1)
        if (end >= 0) lines.push(...text.toString('utf8', 0, end).split('\n'))
      }
    } finally {
      closeSync(fd)
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A call in the words that scripts look for: shell commands are called as hooks call them. */
function toolUse({ callId, name, namespace = '', payload }: ToolCallItem): Fields {
  const given = payload.kind === 'json' ? parsed(payload.text) : { command: payload.text }
  const input = isTable(given) ? given : {}
  const isShell = name === 'exec_command' && typeof input['cmd'] === 'string'
  return {
    type: 'tool_use',
    id: callId,
    name: isShell ? 'Bash' : `${namespace}${name}`,
    input: isShell ? { command: input['cmd'] } : input,
  }
}

function messageOf(item: Item): Fields | undefined {
  switch (item.type) {
    case 'message': {
      const { role } = item
      const text = textOf(item.parts)
      if (role === 'assistant') return { role, content: [{ type: 'text', text }] }
      return role === 'user' ? { role, content: text } : undefined
    }
    case 'tool_call':
      return { role: 'assistant', content: [toolUse(item)] }
    case 'tool_output': {
      const result = { tool_use_id: item.callId, type: 'tool_result', content: textOf(item.output) }
      return { role: 'user', content: [result] }
    }
    case 'reasoning':
    case 'foreign':
      return undefined
  }
}

/** One line of a record as a line of the copy; undefined where it has none. */
function translated(line: string, common: Fields): string | undefined {
  const record = parsed(line)
  if (!isTable(record) || record['type'] !== 'response_item') return undefined
  const item = parseItem(record['payload'])
  const message = item && messageOf(item)
  if (!item || !message) return undefined
  const { timestamp } = record
  const about = { type: message['role'], message, uuid: item.id, timestamp }
  return JSON.stringify({ isSidechain: false, userType: 'external', ...common, ...about })
}

/**
 * A copy of the session's record in the form that scripts for Claude Code read, because what they do with
 * `transcript_path` is to search it. It is brought up to date when a handler is about to be given its path, lies in a
 * folder that nobody else may enter, and is gone with the session.
 */
export class ClaudeTranscript {
  readonly #session: SessionFacts
  #folder: string | undefined
  #source: { readonly path: string; readonly lines: NewLines } | undefined

  constructor(session: SessionFacts) {
    this.#session = session
  }

  /** The path of the copy; that of the record itself where it cannot be copied, and undefined where there is none. */
  path(): string | undefined {
    const { id, cwd, parentId, transcriptPath } = this.#session
    if (transcriptPath === undefined) return undefined
    if (this.#source?.path !== transcriptPath)
      this.#source = { path: transcriptPath, lines: new NewLines(transcriptPath) }
    const common = { cwd, sessionId: parentId ?? id, version: 'hookline' }
    try {
      this.#folder ??= mkdtempSync(join(tmpdir(), 'hookline-transcript-'))
      const copy = join(this.#folder, `${id}.jsonl`)
      const lines = this.#source.lines.take().map((line) => translated(line, common))
      const text = lines.filter((line) => line !== undefined).map((line) => `${line}\n`)
      appendFileSync(copy, text.join(''), { mode: 0o600 })
      return copy
    } catch {
      return transcriptPath
    }
  }

  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
    this.#source = undefined
  }
}
