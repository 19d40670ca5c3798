import type { Readable, Writable } from 'node:stream'
import type { SandboxPolicy } from './turn.ts'

/** A process that a tool wants to start. */
export interface ExecRequest {
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  /** All the variables it gets; none without it. */
  readonly env?: Readonly<Record<string, string>>
  readonly tty?: boolean
  /** Asks to run outside the sandbox; granted by an approval only. */
  readonly escalate?: boolean
  /** Lives on after its turn: ended with the session instead. */
  readonly background?: boolean
}

/** What will be started, after `execPlan`. */
export interface ExecPlan {
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly tty: boolean
  readonly sandbox: SandboxPolicy
  /** It gets the stdin, stdout and stderr of this very process; for commands that stand in for another. */
  readonly stdio?: 'inherit'
}

export interface ProcessExit {
  /** Absent when a signal ended the process. */
  readonly code?: number
  readonly signal?: string
}

/** A started process with everything it starts. */
export interface Running {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the process has ended; never rejects. Its pipes may still hold output. */
  readonly exited: Promise<ProcessExit>
  /** Ends the whole process tree: asks first, then forces; settles when it is gone. */
  kill(): Promise<void>
}
