import type ivm from 'isolated-vm'
import type { PreparedIsolate } from './pool.ts'

/** A source in its isolate, not yet run. */
export interface CompiledSource {
  readonly reference: ivm.Reference
  /** True: the function to call; false: a function that returns the one to call. */
  readonly isHandler: boolean
  readonly form: SourceForm
}

export type SourceForm = 'body' | 'expression' | 'module'

interface NamedSource {
  readonly source: string
  readonly name: string
}

/** What is wrong with a source that compiles. */
export interface SourceFault {
  readonly fault: string
}

/** Compiles a source in the form it has. Rejects with V8's SyntaxError, or with what a module threw. */
export async function compileSource(
  prepared: PreparedIsolate,
  named: NamedSource,
): Promise<CompiledSource | SourceFault> {
  const form = likelyForm(named.source)
  if (form === 'body') return compileFunction(prepared, named, 'body')
  try {
    return form === 'module'
      ? await compileModule(prepared, named)
      : await compileFunction(prepared, named, 'expression')
  } catch (error) {
    // It only looked like one: `function a() {} return a(event)` is a body, and so is a text that quotes a module.
    if (!(error instanceof SyntaxError)) throw error
    try {
      return await compileFunction(prepared, named, 'body')
    } catch (bodyError) {
      throw form === 'module' ? error : bodyError
    }
  }
}

/** What a source looks like; cheap, and wrong only for sources that do not compile in that form. */
export function likelyForm(source: string): SourceForm {
  if (/^[ \t]*export\b/m.test(source)) return 'module'
  const lead = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/.exec(source)?.[0].length ?? 0
  return /^(?:async\b|function\b|\(|[\w$]+\s*=>)/.test(source.slice(lead, lead + 256))
    ? 'expression'
    : 'body'
}

const wrappers = {
  body: ["'use strict';(() => async function (event) {", '\n})'],
  expression: ["'use strict';(() => (", '\n))'],
} as const

async function compileFunction(
  prepared: PreparedIsolate,
  { source, name }: NamedSource,
  form: 'body' | 'expression',
): Promise<CompiledSource> {
  const [before, after] = wrappers[form]
  const text = form === 'body' ? source : withoutSemicolon(source)
  const reference: ivm.Reference = await prepared.context.eval(`${before}${text}${after}`, {
    filename: name,
    columnOffset: -before.length,
    reference: true,
  })
  return { reference, isHandler: false, form }
}

function withoutSemicolon(source: string): string {
  let end = source.length
  while (end > 0 && /[\s;]/.test(source.charAt(end - 1))) end -= 1
  return source.slice(0, end)
}

async function compileModule(
  { isolate, context }: PreparedIsolate,
  { source, name }: NamedSource,
): Promise<CompiledSource | SourceFault> {
  const module = await isolate.compileModule(source, { filename: name })
  const [wanted] = module.dependencySpecifiers
  if (wanted !== undefined) {
    return { fault: `cannot import "${wanted}": a script has nothing but itself` }
  }
  await module.instantiate(context, () => {
    throw new Error('a script has nothing but itself')
  })
  await module.evaluate()
  const reference: ivm.Reference = await module.namespace.get('default', { reference: true })
  if (reference.typeof !== 'function') return { fault: 'has no function as its default export' }
  return { reference, isHandler: true, form: 'module' }
}
