import { dirname } from 'node:path'
import type { SessionFacts, TurnFacts } from 'hookline'
import type { HookHandler } from './catalog.ts'
import type { SessionVariables } from './session-variables.ts'

type Variables = Readonly<Record<string, string>>

function ownVariables(): Variables {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
}

/** What the processes of handlers are told by their environment. */
export class HandlerEnvironment {
  readonly #session: SessionFacts
  readonly #variables: SessionVariables
  #base: Variables | undefined

  constructor(session: SessionFacts, variables: SessionVariables) {
    this.#session = session
    this.#variables = variables
  }

  /** The whole environment of a process of this handler. */
  of({ source, event, order }: HookHandler, turn: TurnFacts | undefined): Variables {
    this.#base ??= ownVariables()
    const { bundle, dialect, projectDir } = source
    return {
      ...this.#base,
      CLAUDE_PROJECT_DIR: projectDir,
      HOOKLINE_PROJECT_DIR: projectDir,
      HOOKLINE_HOOKS_DIR: dirname(source.path),
      ...(bundle && {
        PLUGIN_ROOT: bundle.root,
        CLAUDE_PLUGIN_ROOT: bundle.root,
        PLUGIN_DATA: bundle.dataDir,
        CLAUDE_PLUGIN_DATA: bundle.dataDir,
      }),
      ...(dialect === 'claude' && {
        CLAUDECODE: '1',
        CLAUDE_CODE_SESSION_ID: this.#session.parentId ?? this.#session.id,
        ...(turn?.effort !== undefined && { CLAUDE_EFFORT: turn.effort }),
      }),
      ...(event === 'SessionStart' && { CLAUDE_ENV_FILE: this.#variables.fileOf(order) }),
    }
  }
}
