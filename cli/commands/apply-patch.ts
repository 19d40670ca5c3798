import { applySteps } from '../../plugins/tool-apply-patch/apply.ts'
import { parsePatch } from '../../plugins/tool-apply-patch/parse.ts'
import { PatchFault } from '../../plugins/tool-apply-patch/patch-fault.ts'
import { planPatch } from '../../plugins/tool-apply-patch/plan.ts'
import { summaryOf } from '../../plugins/tool-apply-patch/summary.ts'

/** Where a patch may come from and where the answer goes; `process` is one. */
export interface PatchStreams {
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

const usage = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n"

async function readAll(stdin: PatchStreams['stdin']): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new PatchFault('Invalid patch: it is not valid UTF-8 text')
  }
}

/**
 * Applies the patch that is given as the first word, else on stdin, below the current folder. Further words are ignored.
 * Resolves to the exit code: 0 applied, 1 nothing was changed, 2 no patch was given.
 */
export async function applyPatchCommand(
  words: readonly string[],
  io: PatchStreams = process,
): Promise<number> {
  try {
    const patch = words[0] ?? (await readAll(io.stdin))
    if (words.length === 0 && patch === '') {
      io.stderr.write(usage)
      return 2
    }
    const hunks = parsePatch(patch)
    await applySteps(await planPatch(hunks, { cwd: process.cwd() }))
    io.stdout.write(summaryOf(hunks))
    return 0
  } catch (error) {
    if (!(error instanceof PatchFault)) throw error
    io.stderr.write(`${error.message}\n`)
    return 1
  }
}
