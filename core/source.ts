import { HooklineError } from './errors.ts'

const ownProduct = 'codex'
const products = new Set(['chatgpt', 'codex', 'atlas'])
const aliases: Readonly<Record<string, string>> = {
  appserver: 'app-server',
  app_server: 'app-server',
}
const ownSources = new Set(['cli', 'exec', 'vscode', 'mcp', 'app-server', 'acp', 'unknown'])

/** Brings the name of a session source into its one spelling; an empty one is an error. */
export function sessionSource(word: string): string {
  const source = word.trim().toLowerCase()
  if (source === '') {
    throw new HooklineError('USAGE', 'the session source is empty', {
      hint: 'name one, such as exec, cli or mcp',
    })
  }
  return aliases[source] ?? source
}

/** The product that a session source belongs to; `none` for custom sources that are no product, subagents and internal work. */
export function productOf(source: string): string {
  if (ownSources.has(source)) return ownProduct
  return products.has(source) ? source : 'none'
}
