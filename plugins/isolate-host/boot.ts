import { mostAnswerChars } from './protocol.ts'

/**
 * Runs first in every isolate and gives the host three functions: one calls what a function returns, one calls a
 * function, one says what came of it. The script itself is given nothing. They use only what they took before the
 * script came, and what leaves the isolate is one text: its first letter says what it is. An exception must not leave
 * it as one: the addon would read the properties of what was thrown, which a trap or a getter can hold up for ever.
 */
export const bootSource = `(() => {
  'use strict'
  const { parse, stringify } = JSON
  const { apply } = Reflect
  const { slice } = String.prototype
  const toText = String
  for (const name of ['Atomics', 'SharedArrayBuffer', 'WebAssembly', 'console']) delete globalThis[name]
  let outcome = ''
  const cut = (text) => apply(slice, text, [0, 4000])
  const describe = (thrown) => {
    try {
      const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function'
      if (!isObject) return 's' + cut('threw ' + toText(thrown))
      const { stack } = thrown
      if (typeof stack === 'string' && stack !== '') return 'e' + cut(stack)
      const { message } = thrown
      if (typeof message === 'string' && message !== '') return 'e' + cut(message)
      const json = stringify(thrown)
      return 's' + cut('threw ' + (json === undefined ? 'a ' + typeof thrown : json))
    } catch {
      return 'sthrew something that cannot be shown'
    }
  }
  const run = async (compiled, input) => {
    outcome = 'p'
    try {
      const handler = compiled()
      if (typeof handler !== 'function') {
        outcome = 'sis an expression, but its value is not a function'
        return
      }
      const value = await handler(input === '' ? undefined : parse(input))
      const json = stringify(value)
      if (json === undefined) {
        outcome = value === undefined ? 'n' : 'sreturned a ' + typeof value + ', which JSON cannot hold'
      } else if (json.length > ${mostAnswerChars}) {
        outcome = 'sreturned ' + json.length + ' characters of JSON, more than the ${mostAnswerChars} that are allowed'
      } else {
        outcome = 'v' + json
      }
    } catch (thrown) {
      outcome = describe(thrown)
    }
  }
  const answer = (compiled, input) => {
    run(compiled, input)
  }
  const answerBy = (handler, input) => {
    run(() => handler, input)
  }
  const collect = () => {
    const collected = outcome
    outcome = ''
    return collected
  }
  return [answer, answerBy, collect]
})()`
