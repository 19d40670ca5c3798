/** Finds the known word that a misspelt one was meant to be; `undefined` where none is near enough to suggest. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = plain(word)
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of known) {
    const distance = distanceOf(wanted, plain(candidate))
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '')
}

/** Edit distance; two neighbours that were swapped count once. */
function distanceOf(left: string, right: string): number {
  let twoAbove: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const [last, lastOfRight] = [left[row - 1], right[column - 1]]
      const replaced = (above[column - 1] ?? 0) + (last === lastOfRight ? 0 : 1)
      const isSwapped = last === right[column - 2] && lastOfRight === left[row - 2]
      const swapped = isSwapped ? (twoAbove[column - 2] ?? 0) + 1 : Infinity
      const others = Math.min(above[column] ?? 0, current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, swapped, others))
    }
    twoAbove = above
    above = current
  }
  return above[right.length] ?? 0
}
