/** Which files and networks the commands of a turn may reach. */
export interface SandboxPolicy {
  readonly mode: 'read-only' | 'workspace-write' | 'danger-full-access'
  /** Absolute folders that may be written; empty in read-only. */
  readonly writableRoots: readonly string[]
  /** Absolute paths that may not be written although a writable root holds them. */
  readonly readOnlyPaths?: readonly string[]
  readonly network: boolean
  /** Absolute paths that may not be read. */
  readonly deniedReads: readonly string[]
  /** Globs below the writable roots (or the working directory) that may not be read. */
  readonly deniedReadGlobs: readonly string[]
  /** Id of the backend that commands run in: `bwrap`, `none`, … */
  readonly backend: string
}

export type ApprovalPolicy =
  | 'untrusted'
  | 'on-request'
  | 'never'
  | {
      readonly granular: {
        readonly sandboxApproval: boolean
        readonly rules: boolean
        readonly skillApproval: boolean
        readonly requestPermissions: boolean
        readonly mcpElicitations: boolean
      }
    }

/** What may differ from turn to turn. */
export interface TurnFacts {
  readonly id: string
  readonly model: string
  readonly provider: string
  readonly effort?: string
  readonly approvalPolicy: ApprovalPolicy
  readonly reviewer: 'user' | 'auto_review'
  readonly sandbox: SandboxPolicy
  readonly cwd: string
}

/** What a session is, from its start to its end. */
export interface SessionFacts {
  readonly id: string
  readonly cwd: string
  /** The user's home of the product. */
  readonly home: string
  /** Who started the session: `exec`, `cli`, `subagent:review`, … */
  readonly source: string
  /** The product derived from the source, or `none`. */
  readonly product: string
  readonly ephemeral: boolean
  /** The session's file; absent where nothing is kept. */
  readonly transcriptPath?: string
  /** The session that started this one. */
  readonly parentId?: string
  /** The file of that session. */
  readonly parentTranscriptPath?: string
}
