import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  textOf,
  type ExecRequest,
  type PermissionNeed,
  type Running,
  type ThreadItemBody,
  type Tool,
  type ToolCall,
  type ToolContext,
  type ToolOutput,
  type TurnFacts,
} from 'hookline'
import { spawnTree } from 'hookline/kit'
import { execCommandTool, type ShellParts } from './exec-command.ts'
import { ProcessTable } from './process-table.ts'
import { writeStdinTool } from './write-stdin.ts'

/** An item as it was shown, with every change to it. */
export interface ShownRecord {
  body: ThreadItemBody
  updates: number
  ended: number
}

type Mode = TurnFacts['sandbox']['mode']

/** What a harness does otherwise than by default. */
export interface HarnessOptions {
  readonly mode?: Mode
  readonly backend?: string
  readonly approvalPolicy?: TurnFacts['approvalPolicy']
  readonly patchTool?: Tool
  readonly environment?: Readonly<Record<string, string>>
  exec?(request: ExecRequest): Promise<Running>
}

/** The tools of one session, run by hand with real processes in a folder of their own; disposable. */
export class ShellHarness implements AsyncDisposable {
  readonly cwd: string
  readonly turn: TurnFacts
  readonly execTool: Tool
  readonly writeTool: Tool
  readonly items: ShownRecord[] = []
  readonly chunks: string[] = []
  readonly requests: ExecRequest[] = []
  readonly #options: HarnessOptions
  readonly #table = new ProcessTable()
  readonly #session = new AbortController()
  #calls = 0

  private constructor(cwd: string, options: HarnessOptions) {
    this.cwd = cwd
    this.#options = options
    this.turn = {
      id: 'turn',
      model: 'model',
      provider: 'provider',
      approvalPolicy: options.approvalPolicy ?? 'never',
      reviewer: 'user',
      cwd,
      sandbox: {
        mode: options.mode ?? 'read-only',
        writableRoots: [],
        network: false,
        deniedReads: [],
        deniedReadGlobs: [],
        backend: options.backend ?? 'bwrap',
      },
    }
    const parts = this.#parts()
    this.execTool = execCommandTool(parts)
    this.writeTool = writeStdinTool(parts)
  }

  static async open(options: HarnessOptions = {}): Promise<ShellHarness> {
    const folder = await mkdtemp(join(tmpdir(), 'hookline-shell-'))
    return new ShellHarness(await realpath(folder), options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
    await rm(this.cwd, { recursive: true, force: true })
  }

  /** Closes the session. */
  async close(): Promise<void> {
    this.#session.abort()
    await this.#table.close()
  }

  exec(fields: object, call: CallOptions = {}): Promise<ToolOutput> {
    return this.execTool.run(read(this.execTool, fields), this.#context(fields, call))
  }

  write(fields: object, call: CallOptions = {}): Promise<ToolOutput> {
    return this.writeTool.run(read(this.writeTool, fields), this.#context(fields, call))
  }

  needs(fields: object): Promise<PermissionNeed | undefined> {
    const needs = this.execTool.needs?.(read(this.execTool, fields), { turn: this.turn })
    return needs ?? Promise.resolve(undefined)
  }

  #parts(): ShellParts {
    const { patchTool } = this.#options
    return {
      table: this.#table,
      limits: { allowLogin: true, longestPollMs: 300_000 },
      shell: () => '/bin/bash',
      environment: () => ({ PATH: '/usr/bin:/bin', HOME: this.cwd, ...this.#options.environment }),
      patchTool: () => patchTool,
    }
  }

  #context(fields: object, call: CallOptions): ToolContext {
    const text = JSON.stringify(fields)
    this.#calls += 1
    const id = call.id ?? `call_${this.#calls}`
    const made: ToolCall = {
      id,
      toolName: 'Bash',
      aliases: [],
      input: fields,
      item: { type: 'tool_call', id: '', callId: id, name: '', payload: { kind: 'json', text } },
      replay: false,
    }
    return {
      call: made,
      turn: this.turn,
      session: {
        id: 'session',
        cwd: this.cwd,
        home: this.cwd,
        source: 'exec',
        product: 'none',
        ephemeral: true,
      },
      signal: call.signal ?? new AbortController().signal,
      sessionSignal: this.#session.signal,
      log: { debug: () => {}, info: () => {}, warn: () => {}, notice: () => {} },
      granted: call.granted ?? false,
      show: (body) => this.#show(body),
      chunk: (piece) => this.chunks.push(piece),
      exec: (request) => this.#exec(request),
    }
  }

  #show(body: ThreadItemBody): ReturnType<ToolContext['show']> {
    const record: ShownRecord = { body, updates: 0, ended: 0 }
    this.items.push(record)
    const change = (fields: Partial<ThreadItemBody> = {}) => {
      // A change has the fields of the item it belongs to.
      record.body = { ...record.body, ...fields } as ThreadItemBody
    }
    return {
      id: String(this.items.length),
      update(fields) {
        record.updates += 1
        change(fields)
      },
      end(fields) {
        record.ended += 1
        change(fields)
      },
    }
  }

  #exec(request: ExecRequest): Promise<Running> {
    this.requests.push(request)
    if (this.#options.exec) return this.#options.exec(request)
    const [file, ...args] = request.command
    return spawnTree({ file, args, cwd: request.cwd, env: request.env ?? {} })
  }
}

/** What one call is run with. */
export interface CallOptions {
  readonly id?: string
  readonly signal?: AbortSignal
  readonly granted?: boolean
}

function read(tool: Tool, fields: object): unknown {
  if (tool.input.kind !== 'json') throw new Error(`${tool.name} takes no JSON`)
  return tool.input.parse(fields)
}

/** The number a running command is asked for by. */
export function sessionOf(output: ToolOutput): number {
  const text = textOf(output.output)
  const found = /session ID (\d+)/.exec(text)
  if (!found) throw new Error(`no session in: ${text}`)
  return Number(found[1])
}

/** True while a process runs; one that has ended and waits for its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch (error) {
    // Without /proc the signal is all there is to ask.
    return error instanceof Error && 'path' in error && !existsSync('/proc/self')
  }
}

/** Output as a command's item shows it. */
export function shownOutput(record: ShownRecord | undefined): string {
  return record?.body.type === 'command_execution' ? record.body.aggregatedOutput : ''
}
