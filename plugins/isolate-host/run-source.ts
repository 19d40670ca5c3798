import type ivm from 'isolated-vm'
import type { PreparedIsolate } from './pool.ts'
import type { CellOutcome, EvaluateMessage } from './protocol.ts'
import { callingText, likelyForm, type SourceForm } from './source-form.ts'

/** Runs a source and says what came of it. Rejects when the isolate ended under it, or it does not compile. */
export async function runSource(
  prepared: PreparedIsolate,
  message: EvaluateMessage,
): Promise<CellOutcome> {
  const form = likelyForm(message.source)
  if (form === 'body') return runFunction(prepared, message, form)
  const run = form === 'module' ? runModule : runFunction
  try {
    return await run(prepared, message, 'expression')
  } catch (error) {
    // It only looked like one: `function a() {} return a(event)` is a body, and so is a text that quotes a module.
    if (!(error instanceof SyntaxError) || prepared.isolate.isDisposed) throw error
    try {
      return await runFunction(prepared, message, 'body')
    } catch (bodyError) {
      throw form === 'module' ? error : bodyError
    }
  }
}

async function runFunction(
  prepared: PreparedIsolate,
  message: EvaluateMessage,
  form: 'body' | 'expression',
): Promise<CellOutcome> {
  const { text, columnOffset } = callingText(message.source, form)
  const args = [prepared.answer.derefInto(), message.input]
  const origin = { filename: message.name, columnOffset }
  const running = prepared.context.evalClosure(text, args, origin)
  return collect(prepared, running, { message, form })
}

async function runModule(
  prepared: PreparedIsolate,
  message: EvaluateMessage,
): Promise<CellOutcome> {
  const { isolate, context } = prepared
  const refused = (why: string): CellOutcome => ({
    kind: 'error',
    message: `${message.name} ${why}`,
  })
  const module = await isolate.compileModule(message.source, { filename: message.name })
  const [wanted] = module.dependencySpecifiers
  if (wanted !== undefined)
    return refused(`cannot import "${wanted}": a script has nothing but itself`)
  await module.instantiate(context, () => {
    throw new Error('a script has nothing but itself')
  })
  await module.evaluate()
  const handler: ivm.Reference = await module.namespace.get('default', { reference: true })
  if (handler.typeof !== 'function') return refused('has no function as its default export')
  const args = [handler.derefInto(), message.input]
  return collect(prepared, prepared.answerBy.apply(undefined, args), { message, form: 'module' })
}

interface Ran {
  readonly message: EvaluateMessage
  readonly form: SourceForm
}

/** Is queued behind the run, and so behind all that the script can still do: nothing in there waits for the outside. */
async function collect(
  prepared: PreparedIsolate,
  running: Promise<unknown>,
  { message, form }: Ran,
): Promise<CellOutcome> {
  let fault: { readonly reason: unknown } | undefined
  running.catch((reason: unknown) => {
    fault = { reason }
  })
  const reasonOr = (error: unknown) => (fault === undefined ? error : fault.reason)
  let collected: unknown
  try {
    collected = await prepared.collect.apply()
  } catch (error) {
    throw reasonOr(error)
  }
  // A fault beside an outcome is a promise that the script left rejected, which is nothing to anybody.
  if (collected === '') throw reasonOr(new Error('it did not run'))
  return outcomeOf(String(collected), message, form)
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
