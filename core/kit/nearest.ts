/** Finds the known word that a misspelt one was meant to be; `undefined` where none is near enough to suggest. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = plain(word)
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of known) {
    const distance = distanceBelow(wanted, plain(candidate), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '')
}

/** Edit distance with neighbours swapped counted once; gives up at the limit. */
function distanceBelow(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit
  let before: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      current.push(cell({ left, right, row, column, before, above, current }))
    }
    if (Math.min(...current) >= limit) return limit
    before = above
    above = current
  }
  return above[right.length] ?? limit
}

interface Cell {
  readonly left: string
  readonly right: string
  readonly row: number
  readonly column: number
  readonly before: readonly number[]
  readonly above: readonly number[]
  readonly current: readonly number[]
}

function cell({ left, right, row, column, before, above, current }: Cell): number {
  const at = (line: readonly number[], index: number) => line[index] ?? Infinity
  const same = left[row - 1] === right[column - 1]
  const swapped =
    row > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
  return Math.min(
    at(above, column) + 1,
    at(current, column - 1) + 1,
    at(above, column - 1) + (same ? 0 : 1),
    swapped ? at(before, column - 2) + 1 : Infinity,
  )
}
