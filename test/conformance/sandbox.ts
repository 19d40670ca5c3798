import { judge, notRun, type Outcome, type RunnerResult } from './suite.ts'
import type { ListEntry } from './lists.ts'

/** One check as the runner of the sandbox suite writes it down. */
export interface Check {
  readonly id: string
  readonly mode: string
  readonly want: string
  readonly verdict: string
  readonly note?: string
}

/** What the repository says about checks that may not pass. */
export interface Allowances {
  readonly known: readonly ListEntry[]
  /** What the machine may lack. */
  readonly lacking: readonly ListEntry[]
}

const leastShare = 0.95

function nameOf(check: Check): string {
  return `${check.mode} ${check.id}`
}

/** Judges the sandbox suite: known failures are passed over as long as they are few, and anything else fails. */
export function judgeSandbox(
  result: RunnerResult | undefined,
  checks: readonly Check[],
  { known, lacking }: Allowances,
): Outcome {
  if (result === undefined) return judge(result)
  if (checks.length === 0) return notRun('it wrote down no checks')
  const left = checks.filter((check) => check.verdict === 'skip')
  const failing = checks.filter(
    (check) => check.verdict !== 'skip' && check.want !== 'any' && check.verdict !== check.want,
  )
  const isKnown = (check: Check) => known.some(({ words }) => words === nameOf(check))
  const unlisted = left.filter(
    (check) => !lacking.some(({ words }) => check.note === `needs ${words}`),
  )
  const fresh = failing.filter((check) => !isKnown(check))
  const passed = checks.length - left.length - failing.length
  const tooFew = passed < leastShare * (passed + failing.length)
  const repaired = known.filter(({ words }) => !failing.some((check) => nameOf(check) === words))
  return {
    passed,
    failed: fresh.length + unlisted.length + (tooFew || passed === 0 ? 1 : 0),
    notes: [
      ...fresh.map((check) => `fails: ${nameOf(check)}`),
      ...failing.filter(isKnown).map((check) => `known to fail: ${nameOf(check)}`),
      ...left.map((check) => `left out: ${nameOf(check)} (${check.note ?? 'no reason given'})`),
      ...repaired.map(({ words }) => `listed as failing, but passes: ${words}`),
      ...(tooFew ? [`fewer than ${leastShare * 100} % of the checks pass`] : []),
    ],
  }
}
