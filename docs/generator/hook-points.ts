import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hookPoints, type HookKind, type HookName } from 'hookline'
import { isHookEvent } from '../../plugins/command-hooks/events.ts'
import { table } from './markdown.ts'

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
    return [`\`${name}\``, kindNames[kind], fails, power, events.filter(isHookEvent).join(', ')]
  })
  return table(['hook point', 'kind', 'fails', 'power', 'event of hooks.json'], rows)
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

/** The hook points that the core calls; the others are declared for what is still to come. */
export function calledPoints(root: string): ReadonlySet<string> {
  const files = globSync('core/**/*.ts', {
    cwd: root,
    exclude: (path) => path.endsWith('.test.ts'),
  })
  const calls = /\.(?:observe|follow|refine|answer)\(\s*'(\w+)'/g
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'))
  return new Set(texts.flatMap((text) => [...text.matchAll(calls)].map(([, name = '']) => name)))
}

const uncalled = ' Nothing calls it yet.'

function returns(kind: HookKind, { value, result }: Declared): string {
  if (kind === 'refine') return `may return \`${value}\``
  return kind === 'answer' ? `may return \`${result}\`` : 'returns nothing'
}

/** What each hook point is for. */
export function hookPointList(root: string): string {
  const declared = declarations(root)
  const called = calledPoints(root)
  const lines = names.map((name) => {
    const found = declared.get(name)
    if (!found) throw new Error(`core/hooks.ts: "${name}" has no doc comment of one line`)
    const { kind } = hookPoints[name]
    const comment = found.comment.replace(uncalled, '') + (called.has(name) ? '' : uncalled)
    return `- \`${name}\` is given \`${found.value}\` and ${returns(kind, found)}. ${comment}`
  })
  return lines.join('\n')
}

/** The hook points that an event of hooks.json is bound to. */
export function pointsOf(event: string): readonly string[] {
  return names.filter((name) => hookPoints[name].events.includes(event))
}
