import { dialects, type Dialect } from './dialect.ts'
import type { Declared } from './hooks-file.ts'
import type { Work } from './handler-work.ts'

function plainWork(work: Work): Work {
  if (work.type !== 'command') return work
  const { args: _args, shell: _shell, ...plain } = work
  return plain
}

/** A handler without what its dialect does not know. */
export function inDialect(declared: Declared, dialect: Dialect): Declared {
  if (dialects[dialect].handlerOptions)
    return declared.rewake ? { ...declared, async: true } : declared
  const {
    rewake: _rewake,
    once: _once,
    condition: _if,
    continueOnBlock: _goOn,
    ...plain
  } = declared
  return plain.work ? { ...plain, work: plainWork(plain.work) } : plain
}

/** The words of a handler that its dialect does not know, but the other one does. */
export function idleWords(declared: Declared, dialect: Dialect): readonly string[] {
  if (dialects[dialect].handlerOptions) return []
  const { rewake, once, condition, continueOnBlock, work } = declared
  const { args, shell } = work?.type === 'command' ? work : {}
  const words = { asyncRewake: rewake, once, if: condition, continueOnBlock, args, shell }
  return Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}
