import type { PermissionNeed, ThreadItemBody, Tool, TurnFacts } from 'hookline'
import { patchDescription, patchGrammar } from './grammar.ts'
import { parsePatch } from './parse.ts'
import { changesOf } from './summary.ts'

/** Tools that take text are given text. */
function patchText(input: unknown): string {
  return String(input)
}

function refusedItem(patch: string, turn: TurnFacts): ThreadItemBody {
  try {
    const changes = changesOf(parsePatch(patch), turn.cwd)
    return { type: 'file_change', changes, status: 'declined' }
  } catch {
    return { type: 'tool_call', tool: 'apply_patch', arguments: patch, status: 'declined' }
  }
}

/** Remembers what was asked for in a turn, so that a grant holds for the files that were shown, and no others. */
class Grants {
  #turnId = ''
  readonly #targets = new Map<string, readonly string[]>()

  ask(patch: string, turn: TurnFacts, targets: readonly string[]): void {
    if (this.#turnId !== turn.id) this.#targets.clear()
    this.#turnId = turn.id
    this.#targets.set(`${turn.cwd}\n${patch}`, targets)
  }

  of(patch: string, turn: TurnFacts): ReadonlySet<string> {
    const isSameTurn = this.#turnId === turn.id
    return new Set(isSameTurn ? this.#targets.get(`${turn.cwd}\n${patch}`) : [])
  }
}

/** Makes the tool; `isOffered` says for which turns. What it does is loaded with its first call. */
export function applyPatchTool(isOffered: (turn: TurnFacts) => boolean): Tool {
  const grants = new Grants()
  return {
    name: 'apply_patch',
    description: patchDescription,
    input: { kind: 'text', grammar: patchGrammar },
    parallel: false,
    repeatable: false,
    hooks: {
      name: 'apply_patch',
      aliases: ['Edit', 'Write', 'MultiEdit'],
      toInput: (input) => ({ command: patchText(input) }),
      fromInput(_input, rewritten) {
        const command =
          typeof rewritten === 'object' && rewritten !== null && 'command' in rewritten
            ? rewritten.command
            : undefined
        if (typeof command === 'string') return command
        throw new Error('hook returned updatedInput without string field `command`')
      },
    },
    offered: isOffered,
    refused: (input, { turn }) => refusedItem(patchText(input), turn),
    rejected: (reason) => (reason.startsWith('rejected by ') ? `patch ${reason}` : reason),
    async needs(input, { turn }): Promise<PermissionNeed | undefined> {
      const { reviewPatch } = await import('./permission.ts')
      const review = await reviewPatch(patchText(input), turn)
      grants.ask(patchText(input), turn, review?.targets ?? [])
      return review?.need
    },
    async run(input, context) {
      const { runPatch } = await import('./run.ts')
      const patch = patchText(input)
      const granted = context.granted ? grants.of(patch, context.turn) : new Set<string>()
      return runPatch(patch, granted, context)
    },
  }
}
