import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  textOf,
  type PermissionNeed,
  type ThreadItemBody,
  type Tool,
  type ToolContext,
  type ToolOutput,
  type TurnFacts,
} from 'hookline'
import { findPatchCommand } from './patch-command.ts'
import { seconds } from './report.ts'

/** A patch inside a shell command, with the tool that applies patches. */
export interface PatchCall {
  readonly tool: Tool
  readonly patch: string
  /** Absolute; what the patch's paths start from. */
  readonly cwd: string
}

/** The patch that a script consists of; undefined where the shell must run it. */
export function findPatchCall(
  patchTool: () => Tool | undefined,
  script: string,
  cwd: string,
): PatchCall | undefined {
  const found = findPatchCommand(script)
  const tool = found && patchTool()
  if (!tool) return undefined
  return { tool, patch: found.patch, cwd: resolve(cwd, found.folder ?? '.') }
}

function inFolder(turn: TurnFacts, call: PatchCall): TurnFacts {
  return turn.cwd === call.cwd ? turn : { ...turn, cwd: call.cwd }
}

/** What the patch needs, as if it had been sent by itself. */
export async function patchNeeds(
  call: PatchCall,
  turn: TurnFacts,
): Promise<PermissionNeed | undefined> {
  return call.tool.needs?.(call.patch, { turn: inFolder(turn, call) })
}

/** What a refused patch shows. */
export function patchRefused(call: PatchCall, turn: TurnFacts): ThreadItemBody | undefined {
  return call.tool.refused?.(call.patch, { turn: inFolder(turn, call) })
}

/** False: `cd` would fail, and the shell is the one to say so. */
export async function canEnter(call: PatchCall): Promise<boolean> {
  try {
    return (await stat(call.cwd)).isDirectory()
  } catch {
    return false
  }
}

/** Applies the patch. Hooks have seen a shell command, and are told its result as that of one. */
export async function applyPatch(call: PatchCall, context: ToolContext): Promise<ToolOutput> {
  const started = performance.now()
  const result = await call.tool.run(call.patch, {
    call: context.call,
    turn: inFolder(context.turn, call),
    session: context.session,
    signal: context.signal,
    sessionSignal: context.sessionSignal,
    log: context.log,
    granted: context.granted,
    show: (item) => context.show(item),
    chunk: (text) => context.chunk(text),
    exec: (request) => context.exec(request),
  })
  const failed = result.failed === undefined ? {} : { failed: result.failed }
  const text = textOf(result.output)
  const told = { response: result.response ?? text, delegated: true, ...failed }
  // A patch that was not even tried is answered as if it had been sent by itself.
  if (!text.startsWith('Exit code: ')) return { output: text, ...told }
  const wall = seconds(performance.now() - started, 4)
  return { output: `Wall time: ${wall} seconds\nOutput:\n${text}`, ...told }
}
