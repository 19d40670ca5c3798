import { dialects, type Dialect } from '../../../plugins/command-hooks/dialect.ts'
import { events, isHookEvent, type MatchSubject } from '../../../plugins/command-hooks/events.ts'
import type { HookProduct } from '../../../plugins/command-hooks/file-origin.ts'
import { compileMatcher } from '../../../plugins/command-hooks/match.ts'
import type { Path } from '../../../plugins/command-hooks/problems.ts'
import { everywhere, fine, will, type Consequence } from './finding.ts'
import type { GroupNode, LintContext } from './lint-context.ts'
import { canExist, meantBy } from './tool-names.ts'

interface MatcherNode {
  readonly matcher: string
  readonly path: Path
  readonly event: string
  readonly subject: MatchSubject
}

const never = will('skipped', 'never matches: these hooks do not run')
const leavesOut = will('skipped', 'leaves the group out, with a warning')

/** What may stand there, where that is a closed list. */
const vocabularies: Readonly<Partial<Record<MatchSubject, readonly string[]>>> = {
  source: ['startup', 'resume', 'clear', 'compact', 'fork'],
  reason: [
    'clear',
    'logout',
    'prompt_input_exit',
    'bypass_permissions_disabled',
    'resume',
    'other',
  ],
  trigger: ['manual', 'auto'],
}

/** Syntax that the regular expressions of Codex do not have. */
const unknownToCodex: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'look-around'],
  [/\\[1-9]/, 'a reference back'],
  [/\(\?>/, 'an atomic group'],
]

const products = ['hookline', 'codex', 'claude'] as const satisfies readonly HookProduct[]
const ruling = (product: HookProduct, dialect: Dialect): Dialect =>
  product === 'hookline' ? dialect : product

/** The names of a matcher that is a list, or an expression that is no more than a list. */
function namesOf(matcher: string, dialect: Dialect): readonly string[] | undefined {
  const bare = matcher.replace(/^\^?\(?(?:\?:)?/, '').replace(/\)?\$?$/, '')
  const isList = dialects[dialect].commaLists ? /^[\w|, ]+$/ : /^[\w|]+$/
  if (isList.test(matcher)) {
    return matcher
      .split(/[|,]/)
      .map((name) => name.trim())
      .filter(Boolean)
  }
  return /^\^.*\$$/.test(matcher) && /^[\w|]+$/.test(bare) ? bare.split('|') : undefined
}

function canMatch(node: MatcherNode, product: HookProduct, dialect: Dialect): boolean {
  const rules = ruling(product, dialect)
  const vocabulary = vocabularies[node.subject]
  if (vocabulary) {
    const compiled = compileMatcher(node.matcher, rules)
    return 'fault' in compiled || vocabulary.some((word) => compiled.matches([word]))
  }
  if (node.subject !== 'tool') return true
  if (/^\w+\(.*\)$/.test(node.matcher) || node.matcher.startsWith('!')) return false
  // Without the list form a comma or a blank is an expression that no name of a tool fits.
  if (!dialects[rules].commaLists && /^\w+([\s,]+\w+)+$/.test(node.matcher)) return false
  const names = namesOf(node.matcher, rules)
  return names === undefined || names.some((name) => canExist(name, product, rules))
}

function adviceFor({ matcher, subject }: MatcherNode, dialect: Dialect): string {
  const vocabulary = vocabularies[subject]
  if (vocabulary) return `write one of ${vocabulary.join(', ')}`
  const rule = /^(\w+)\(.*\)$/.exec(matcher)?.[1]
  if (rule !== undefined) return `write "${rule}", and look at the input in the handler`
  if (matcher.startsWith('!'))
    return 'match everything, and let the handler pass what it is not for'
  if (/^\w+([\s,]+\w+)+$/.test(matcher)) return `write "${matcher.split(/[\s,]+/).join('|')}"`
  const better = namesOf(matcher, dialect)?.map((name) => meantBy(name) ?? name) ?? []
  const text = [...new Set(better)].join('|')
  return text === '' || text === matcher ? 'use names that hooks see' : `write "${text}"`
}

function lintReach(node: MatcherNode, { findings, dialect }: LintContext): void {
  const reach = (product: HookProduct): Consequence =>
    canMatch(node, product, dialect) ? fine : never
  const consequences = {
    hookline: reach('hookline'),
    codex: reach('codex'),
    claude: reach('claude'),
  }
  if (products.some((product) => consequences[product] === never)) {
    findings.add('MatcherUnreachable', node.path, {
      message: `the matcher "${node.matcher}" of ${node.event} cannot match everywhere`,
      consequences,
      fix: adviceFor(node, dialect),
    })
    return
  }
  lintWords(node, { findings, dialect })
}

/** Single names of a list that nothing is called. */
function lintWords(
  node: MatcherNode,
  { findings, dialect }: Pick<LintContext, 'findings' | 'dialect'>,
) {
  const names = namesOf(node.matcher, dialect) ?? []
  const vocabulary = vocabularies[node.subject]
  const isKnown = (name: string, product: HookProduct) =>
    vocabulary
      ? vocabulary.includes(name)
      : node.subject !== 'tool' || canExist(name, product, ruling(product, dialect))
  for (const name of names) {
    const [hookline, codex, claude] = products.map((product) =>
      isKnown(name, product) ? fine : will('ignored', `nothing is called "${name}" there`),
    )
    findings.add('MatcherUnreachable', node.path, {
      message: `"${name}" in the matcher of ${node.event} does not match everywhere`,
      consequences: { hookline: hookline ?? fine, codex: codex ?? fine, claude: claude ?? fine },
      fix: meantBy(name) === undefined ? 'do not rely on it there' : `write "${meantBy(name)}"`,
      ...(codex === fine || claude === fine ? { limit: 'info' as const } : {}),
    })
  }
}

function lintSyntax(node: MatcherNode, context: LintContext): boolean {
  const compiled = compileMatcher(node.matcher, context.dialect)
  if ('fault' in compiled) {
    context.findings.add('MatcherInvalid', node.path, {
      message: `the matcher "${node.matcher}" of ${node.event} cannot be used: ${compiled.fault}`,
      consequences: everywhere(leavesOut),
      fix: 'write names with | between them, or a valid regular expression',
    })
    return false
  }
  const foreign = unknownToCodex.find(([syntax]) => syntax.test(node.matcher))
  if (foreign) {
    context.findings.add('MatcherSyntax', node.path, {
      message: `the matcher "${node.matcher}" of ${node.event} uses ${foreign[1]}`,
      consequences: everywhere(fine, { codex: leavesOut }),
      fix: 'write what should match, and let the handler pass the rest',
    })
  }
  return true
}

/** The matcher of a group. */
export function lintMatcher(group: GroupNode, context: LintContext): void {
  const { event, fields } = group
  const { matcher } = fields
  if (matcher === undefined || matcher === null || matcher === '' || matcher === '*') return
  const path = [...group.path, 'matcher']
  if (!isHookEvent(event)) return
  const subject = events[event].matches
  if (subject === 'nothing') {
    context.findings.add('MatcherIgnored', path, {
      message: `${event} has nothing that a matcher could be compared with`,
      consequences: everywhere(will('ignored', 'runs the hooks every time')),
      fix: 'remove it, and let the handler look at its input',
    })
    return
  }
  if (typeof matcher !== 'string') {
    context.findings.add('MatcherInvalid', path, {
      message: `the matcher of ${event} is not a string`,
      consequences: everywhere(leavesOut, { codex: will('dropped', 'drops the whole file') }),
      fix: 'write a string',
    })
    return
  }
  const node: MatcherNode = { matcher, path, event, subject }
  if (lintSyntax(node, context)) lintReach(node, context)
}
