import type { Fields } from './handler-place.ts'
import { isTable } from './shape.ts'

/** Runs a program. */
export interface CommandWork {
  readonly type: 'command'
  /** A line for the shell; with `args` the program itself. */
  readonly command: string
  readonly args?: readonly string[]
  readonly shell?: string
  /** The process is kept: a line of JSON per event in, one per answer out. */
  readonly persistent?: true
}

/** Sends the event to an address. */
export interface HttpWork {
  readonly type: 'http'
  readonly url: string
  /** `${NAME}` in a value stands for a variable of the environment. */
  readonly headers?: Readonly<Record<string, string>>
  /** The variables that may be put into headers. */
  readonly allowedEnvVars?: readonly string[]
}

/** Asks a model: once and without tools, or as an agent that may look around. */
export interface ModelWork {
  readonly type: 'prompt' | 'agent'
  /** `$ARGUMENTS` in it stands for the event. */
  readonly prompt: string
  readonly model?: string
}

/** Calls a tool of an MCP server. */
export interface McpToolWork {
  readonly type: 'mcp_tool'
  readonly server: string
  readonly tool: string
  /** `${path.in.the.event}` in a text stands for what the event says there. */
  readonly input?: Readonly<Record<string, unknown>>
}

/** Runs JavaScript in an isolate. */
export interface ScriptWork {
  readonly type: 'script'
  /** Relative to the folder of the hooks file. */
  readonly file?: string
  readonly source?: string
  /** Absent: the limit of the isolate. */
  readonly timeoutMs?: number
  readonly memoryMiB?: number
}

/** What a handler does when it runs. */
export type Work = CommandWork | HttpWork | ModelWork | McpToolWork | ScriptWork

/** `fault` goes on after "it". */
export type WorkRead = { readonly work: Work } | { readonly fault: string }

interface WorkRow {
  readonly keys: readonly string[]
  read(fields: Fields): WorkRead
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function isTextTable(value: unknown): value is Readonly<Record<string, string>> {
  return isTable(value) && Object.values(value).every((entry) => typeof entry === 'string')
}

const isAbsent = (value: unknown): value is undefined | null =>
  value === undefined || value === null

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function readCommand({ command, commandWindows, args, shell, persistent }: Fields): WorkRead {
  const line = text(process.platform === 'win32' ? (commandWindows ?? command) : command)
  if (line === undefined) return { fault: 'has no command' }
  if (!isAbsent(args) && !isTexts(args)) return { fault: 'has args that are no list of texts' }
  if (!isAbsent(shell) && text(shell) === undefined) return { fault: 'has a shell that is no text' }
  return {
    work: {
      type: 'command',
      command: line,
      ...(isTexts(args) && { args }),
      ...(typeof shell === 'string' && { shell }),
      ...(persistent === true && { persistent }),
    },
  }
}

function isWebAddress(address: string): boolean {
  const url = URL.parse(address)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false
  return url.username === '' && url.password === ''
}

function readHttp({ url, headers, allowedEnvVars }: Fields): WorkRead {
  const address = text(url)
  if (address === undefined) return { fault: 'has no url' }
  if (!isWebAddress(address)) return { fault: 'has a url that is no plain http or https address' }
  if (!isAbsent(headers) && !isTextTable(headers))
    return { fault: 'has headers that are no table of texts' }
  if (!isAbsent(allowedEnvVars) && !isTexts(allowedEnvVars))
    return { fault: 'has allowedEnvVars that are no list of names' }
  return {
    work: {
      type: 'http',
      url: address,
      ...(isTextTable(headers) && { headers }),
      ...(isTexts(allowedEnvVars) && { allowedEnvVars }),
    },
  }
}

const readModel =
  (type: ModelWork['type']) =>
  ({ prompt, model }: Fields): WorkRead => {
    const wanted = text(prompt)
    if (wanted === undefined) return { fault: 'has no prompt' }
    if (!isAbsent(model) && text(model) === undefined)
      return { fault: 'has a model that is no text' }
    return { work: { type, prompt: wanted, ...(typeof model === 'string' && { model }) } }
  }

function readMcpTool({ server, tool, input }: Fields): WorkRead {
  const [serverName, toolName] = [text(server), text(tool)]
  if (serverName === undefined) return { fault: 'has no server' }
  if (toolName === undefined) return { fault: 'has no tool' }
  if (!isAbsent(input) && !isTable(input)) return { fault: 'has an input that is no table' }
  return {
    work: {
      type: 'mcp_tool',
      server: serverName,
      tool: toolName,
      ...(isTable(input) && { input }),
    },
  }
}

/** The limit of a script: its own milliseconds, else the seconds that every handler may have. */
function scriptLimit({ timeout, timeoutMs }: Fields): number | undefined {
  if (isCount(timeoutMs)) return timeoutMs
  const seconds = isAbsent(timeout) ? 0 : Number(timeout)
  return seconds > 0 && Number.isFinite(seconds) ? Math.ceil(seconds) * 1000 : undefined
}

function scriptFault({ file, source, timeoutMs, memoryMiB }: Fields): string | undefined {
  const texts = [file, source].filter((entry) => text(entry) !== undefined)
  if (texts.length !== 1)
    return texts.length === 0 ? 'has neither file nor source' : 'has both file and source'
  const wrong = Object.entries({ timeoutMs, memoryMiB }).find(
    ([, value]) => !isAbsent(value) && !isCount(value),
  )
  return wrong && `has a ${wrong[0]} that is no number above 0`
}

function readScript(fields: Fields): WorkRead {
  const fault = scriptFault(fields)
  if (fault !== undefined) return { fault }
  const { memoryMiB } = fields
  const [file, source] = [text(fields['file']), text(fields['source'])]
  const timeoutMs = scriptLimit(fields)
  return {
    work: {
      type: 'script',
      ...(file !== undefined && { file }),
      ...(source !== undefined && { source }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(isCount(memoryMiB) && { memoryMiB }),
    },
  }
}

const rows: Readonly<Record<Work['type'], WorkRow>> = {
  command: {
    keys: ['command', 'commandWindows', 'args', 'shell', 'persistent'],
    read: readCommand,
  },
  http: { keys: ['url', 'headers', 'allowedEnvVars'], read: readHttp },
  prompt: { keys: ['prompt', 'model'], read: readModel('prompt') },
  agent: { keys: ['prompt', 'model'], read: readModel('agent') },
  mcp_tool: { keys: ['server', 'tool', 'input'], read: readMcpTool },
  script: { keys: ['file', 'source', 'timeoutMs', 'memoryMiB'], read: readScript },
}

/** True for a type of handlers that can run here. */
export function isWorkType(type: string): type is Work['type'] {
  return Object.hasOwn(rows, type)
}

/** The words that only handlers of this type use. */
export function workKeys(type: Work['type']): readonly string[] {
  return rows[type].keys
}

/** Reads what a handler of this type does. A fault in its own words makes it unusable: half of it must not run. */
export function readWork(type: Work['type'], fields: Fields): WorkRead {
  return rows[type].read(fields)
}
