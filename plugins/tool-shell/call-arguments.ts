import {
  readCount,
  readFields,
  readFlag,
  readText,
  readTexts,
  required,
  type Fields,
} from './argument-fields.ts'

/** A checked call of `exec_command`. */
export interface ExecArguments {
  readonly cmd: string
  readonly workdir: string | undefined
  readonly shell: string | undefined
  readonly login: boolean
  readonly tty: boolean
  /** How long the call waits before it hands back a running command. */
  readonly yieldMs: number
  readonly outputTokens: number
  /** The model asks to run it outside the sandbox. */
  readonly escalated: boolean
  readonly justification: string | undefined
  readonly prefixRule: readonly string[] | undefined
}

/** A checked call of `write_stdin`. */
export interface WriteArguments {
  readonly sessionId: number
  /** Empty: the call only waits for output. */
  readonly chars: string
  readonly yieldMs: number
  readonly outputTokens: number
}

/** What the settings say about calls. */
export interface CallLimits {
  readonly allowLogin: boolean
  /** The longest that a call may wait for output without writing anything, in ms. */
  readonly longestPollMs: number
}

const defaultOutputTokens = 10_000
const execYield = { standard: 10_000, least: 250, most: 30_000 }
const writeYield = { standard: 250, least: 250, most: 30_000 }
const pollYield = { standard: 5_000, least: 5_000 }

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

function readPermissions(fields: Fields): boolean {
  const asked = readText(fields, 'sandbox_permissions') ?? 'use_default'
  if (asked === 'use_default') return false
  if (asked === 'require_escalated') return true
  throw new Error(
    `unknown variant \`${asked}\` for \`sandbox_permissions\`: expected \`use_default\` or \`require_escalated\``,
  )
}

function readLogin(fields: Fields, limits: CallLimits): boolean {
  const login = readFlag(fields, 'login')
  if (login === true && !limits.allowLogin) {
    throw new Error('`login` cannot be true: allow_login_shell is off. Leave it out or say false')
  }
  return login ?? limits.allowLogin
}

/** Checks the arguments of `exec_command`; throws an Error that names the fault. */
export function parseExecArguments(value: unknown, limits: CallLimits): ExecArguments {
  const fields = readFields(value)
  const yieldMs = readCount(fields, 'yield_time_ms') ?? execYield.standard
  return {
    cmd: required(readText(fields, 'cmd'), 'cmd'),
    workdir: readText(fields, 'workdir') || undefined,
    shell: readText(fields, 'shell') || undefined,
    login: readLogin(fields, limits),
    tty: readFlag(fields, 'tty') ?? false,
    yieldMs: clamp(yieldMs, execYield.least, execYield.most),
    outputTokens: readCount(fields, 'max_output_tokens') ?? defaultOutputTokens,
    escalated: readPermissions(fields),
    justification: readText(fields, 'justification') || undefined,
    prefixRule: readTexts(fields, 'prefix_rule'),
  }
}

/** Checks the arguments of `write_stdin`; throws an Error that names the fault. */
export function parseWriteArguments(value: unknown, limits: CallLimits): WriteArguments {
  const fields = readFields(value)
  const chars = readText(fields, 'chars') ?? ''
  const asked = readCount(fields, 'yield_time_ms')
  const most = Math.max(limits.longestPollMs, pollYield.least)
  return {
    sessionId: required(readCount(fields, 'session_id'), 'session_id'),
    chars,
    yieldMs:
      chars === ''
        ? clamp(asked ?? pollYield.standard, pollYield.least, most)
        : clamp(asked ?? writeYield.standard, writeYield.least, writeYield.most),
    outputTokens: readCount(fields, 'max_output_tokens') ?? defaultOutputTokens,
  }
}
