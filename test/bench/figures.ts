export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Median of the ratios of runs that were taken next to each other. */
export function pairedRatio(left: readonly number[], right: readonly number[]): number {
  return median(left.map((value, at) => value / (right[at] ?? Number.NaN)))
}

/** Median of the differences of runs that were taken next to each other. */
export function pairedDifference(left: readonly number[], right: readonly number[]): number {
  return median(left.map((value, at) => value - (right[at] ?? Number.NaN)))
}

export function spread(values: readonly number[]): string {
  return `${median(values).toFixed(1)} [${Math.min(...values).toFixed(1)}..${Math.max(...values).toFixed(1)}]`
}

/** One line of the report, with its target where there is one. */
export function row(
  name: string,
  value: string,
  target?: { readonly text: string; readonly met: boolean },
): string {
  const verdict =
    target === undefined ? '' : `   target ${target.text}: ${target.met ? 'met' : 'MISSED'}`
  return `${name.padEnd(58)} ${value.padStart(24)}${verdict}`
}
