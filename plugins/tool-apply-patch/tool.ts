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

/** Makes the tool; `isOffered` says for which turns. What it does is loaded with its first call. */
export function applyPatchTool(isOffered: (turn: TurnFacts) => boolean): Tool {
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
      const { needOf } = await import('./permission.ts')
      return needOf(patchText(input), turn)
    },
    async run(input, context) {
      const { runPatch } = await import('./run.ts')
      return runPatch(patchText(input), context)
    },
  }
}
