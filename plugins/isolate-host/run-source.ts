import { compileSource, type SourceForm } from './compile-source.ts'
import { mostAnswerChars, type CellOutcome, type EvaluateMessage } from './protocol.ts'
import type { PreparedIsolate } from './pool.ts'

/** Compiles and runs a source and says what came of it. Rejects when the isolate ended under it. */
export async function runSource(
  prepared: PreparedIsolate,
  message: EvaluateMessage,
): Promise<CellOutcome> {
  const compiled = await compileSource(prepared, message)
  if ('fault' in compiled) return { kind: 'error', message: `${message.name} ${compiled.fault}` }
  const { reference, isHandler, form } = compiled
  const args = [reference.derefInto(), isHandler, message.input, mostAnswerChars]
  let fault: { readonly reason: unknown } | undefined
  // Rejects for a promise that the script itself left rejected, too, which is nothing to anybody.
  prepared.run.apply(undefined, args).catch((reason: unknown) => {
    fault = { reason }
  })
  try {
    // Queued behind the run, and so behind all that the script could still do: nothing in there waits for the outside.
    const collected: unknown = await prepared.collect.apply()
    return outcomeOf(String(collected), message, form)
  } catch (error) {
    throw fault === undefined ? error : fault.reason
  }
}

/** What stopped a run, as an outcome. */
export function outcomeOfFault(
  error: unknown,
  message: EvaluateMessage,
  prepared: PreparedIsolate | undefined,
): CellOutcome {
  const text = error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`
  const isMemory = prepared?.isolate.isDisposed === true && text.includes('memory limit')
  return isMemory ? tooMuchMemory(message) : { kind: 'error', message: explain(text, message.name) }
}

export function tooMuchMemory({ name, memoryMiB }: EvaluateMessage): CellOutcome {
  return { kind: 'memory', message: `${name} needs more than ${memoryMiB} MiB` }
}

function outcomeOf(text: string, { name, source }: EvaluateMessage, form: SourceForm): CellOutcome {
  const rest = text.slice(1)
  switch (text.charAt(0)) {
    case 'v':
      return { kind: 'value', json: rest }
    case 'n':
      // Nothing but a forgotten word explains a body that cannot return anything.
      return form === 'body' && !/\breturn\b/.test(source)
        ? { kind: 'error', message: `${name} is a function body without "return"` }
        : { kind: 'value', json: '' }
    case 'e':
      return { kind: 'error', message: explain(rest, name) }
    case 's':
      return { kind: 'error', message: `${name} ${rest}` }
    default:
      return { kind: 'error', message: `${name} waits for a promise that nothing will settle` }
  }
}

/** Makes one sentence of a stack: what happened, and where in the script. */
function explain(stack: string, name: string): string {
  const lines = stack.split('\n')
  const firstFrame = lines.findIndex((line) => /^\s+at /.test(line))
  const frames = firstFrame === -1 ? [] : lines.splice(firstFrame)
  const header = lines.join('\n').trim()
  // V8 puts the place of what does not compile into the sentence itself.
  if (header.includes(`[${name}:`)) return header
  const place = frames.map((frame) => placeIn(frame, name)).find((found) => found !== undefined)
  return place === undefined ? `${name}: ${header}` : `${header} (${name}:${place})`
}

function placeIn(frame: string, name: string): string | undefined {
  const at = frame.lastIndexOf(`${name}:`)
  return at === -1 ? undefined : /^\d+:\d+/.exec(frame.slice(at + name.length + 1))?.[0]
}
