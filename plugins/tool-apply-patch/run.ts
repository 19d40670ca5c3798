import type { ToolContext, ToolOutput } from 'hookline'
import { applySteps } from './apply.ts'
import { PatchFault, reasonOf } from './patch-fault.ts'
import { checkPatch, whyRefused, type Checked } from './permission.ts'
import { changesOf, summaryOf } from './summary.ts'

interface Attempt {
  readonly exitCode: number
  readonly text: string
  readonly startedAt: number
}

/** What the model and PostToolUse hooks are told, in the form of a finished command. */
function report({ exitCode, text, startedAt }: Attempt): string {
  const seconds = (performance.now() - startedAt) / 1000
  return `Exit code: ${exitCode}\nWall time: ${seconds.toFixed(1)} seconds\nOutput:\n${text}`
}

/**
 * Applies a patch and shows it as a change of files. A patch that does not fit shows nothing and changes nothing.
 * `granted` are files that may be written beyond the policy, with their links resolved.
 */
export async function runPatch(
  patch: string,
  granted: ReadonlySet<string>,
  context: ToolContext,
): Promise<ToolOutput> {
  const startedAt = performance.now()
  let checked: Checked
  try {
    checked = await checkPatch(patch, context.turn)
  } catch (error) {
    if (!(error instanceof PatchFault)) throw error
    return { output: `apply_patch verification failed: ${error.message}`, failed: true }
  }
  // The needs were looked at before, perhaps long ago; a link may lead elsewhere now.
  const others = checked.steps.filter((step) => !granted.has(step.path))
  const refused = await whyRefused(others, context.turn)
  if (refused) return { output: refused.refusal, failed: true }
  context.signal.throwIfAborted()
  const changes = changesOf(checked.hunks, context.turn.cwd)
  const item = context.show({ type: 'file_change', changes, status: 'in_progress' })
  try {
    await applySteps(checked.steps)
  } catch (error) {
    item.end({ status: 'failed' })
    const output = report({ exitCode: 1, text: `${reasonOf(error)}\n`, startedAt })
    return { output, response: output, failed: true }
  }
  item.end({ status: 'completed' })
  const output = report({ exitCode: 0, text: summaryOf(checked.hunks), startedAt })
  return { output, response: output, value: {} }
}
