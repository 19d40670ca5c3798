import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hookPoints, type HookKind, type HookName } from 'hookline'
import { codes, table } from './markdown.ts'

const kindNames: Readonly<Record<HookKind, string>> = {
  observe: 'observe',
  follow: 'follow',
  fanOut: 'fan out',
  refine: 'refine',
  answer: 'answer',
}

// The names are those of the table itself.
const names = Object.keys(hookPoints) as readonly HookName[]

/** All hook points in the order a turn meets them, with what they are bound to. */
export function hookPointTable(): string {
  const rows = names.map((name) => {
    const { kind, fails, power, events } = hookPoints[name]
    return [`\`${name}\``, kindNames[kind], fails, power, events.join(', ')]
  })
  return table(['hook point', 'kind', 'fails', 'power', 'names in hooks.json'], rows)
}

interface Declared {
  readonly comment: string
  readonly value: string
  readonly result: string | undefined
}

const declaration = /\/\*\* (.+) \*\/\n {2}(\w+): \w+<(.+)>\(\{/g

/** The doc comment and the types of each hook point, as core/hooks.ts declares them. */
function declarations(root: string): ReadonlyMap<string, Declared> {
  const text = readFileSync(join(root, 'core/hooks.ts'), 'utf8')
  return new Map(
    [...text.matchAll(declaration)].map(([, comment = '', name = '', types = '']) => {
      const [value = '', result] = types.split(', ')
      return [name, { comment, value, result }] as const
    }),
  )
}

function returns(kind: HookKind, { value, result }: Declared): string {
  if (kind === 'refine') return `may return \`${value}\``
  return kind === 'answer' ? `may return \`${result}\`` : 'returns nothing'
}

/** What each hook point is for. */
export function hookPointList(root: string): string {
  const declared = declarations(root)
  const lines = names.map((name) => {
    const found = declared.get(name)
    if (!found) throw new Error(`core/hooks.ts: "${name}" has no doc comment of one line`)
    const { kind } = hookPoints[name]
    return `- \`${name}\` is given \`${found.value}\` and ${returns(kind, found)}. ${found.comment}`
  })
  return lines.join('\n')
}

/** The hook points that an event of hooks.json is bound to. */
export function pointsOf(event: string): string {
  return codes(names.filter((name) => hookPoints[name].events.includes(event)))
}
