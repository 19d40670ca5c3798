interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** Lengths of the longest common rest of both lists, from every pair of places. */
function commonRests(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rests = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let left = before.length - 1; left >= 0; left -= 1) {
    const [row, below] = [rests[left], rests[left + 1]]
    if (!row || !below) continue
    for (let right = after.length - 1; right >= 0; right -= 1) {
      row[right] =
        before[left] === after[right]
          ? (below[right + 1] ?? 0) + 1
          : Math.max(below[right] ?? 0, row[right + 1] ?? 0)
    }
  }
  return rests
}

const same = (text: string): Line => ({ sign: ' ', text })

function changedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const rests = commonRests(before, after)
  const restAt = (left: number, right: number) => rests[left]?.[right] ?? 0
  const lines: Line[] = []
  let [left, right] = [0, 0]
  while (left < before.length && right < after.length) {
    const [old = '', fresh = ''] = [before[left], after[right]]
    const isSame = old === fresh
    const removes = isSame || restAt(left + 1, right) >= restAt(left, right + 1)
    if (isSame) lines.push(same(old))
    else lines.push(removes ? { sign: '-', text: old } : { sign: '+', text: fresh })
    if (removes) left += 1
    if (isSame || !removes) right += 1
  }
  const removed = before.slice(left).map((text): Line => ({ sign: '-', text }))
  return [...lines, ...removed, ...after.slice(right).map((text): Line => ({ sign: '+', text }))]
}

/** What is the same at both ends need not be compared line with line. */
function linesOf(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  return [
    ...before.slice(0, head).map(same),
    ...changedLines(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...before.slice(before.length - tail).map(same),
  ]
}

const around = 3

/** The stretches of lines that are shown: changes with some lines around them. */
function stretchesOf(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const stretches: [number, number][] = []
  for (const [at, { sign }] of lines.entries()) {
    if (sign === ' ') continue
    const [from, to] = [Math.max(0, at - around), Math.min(lines.length, at + around + 1)]
    const last = stretches.at(-1)
    if (last && from <= last[1]) last[1] = to
    else stretches.push([from, to])
  }
  return stretches
}

function rangeOf(first: number, count: number): string {
  return count === 1 ? `${first}` : `${count === 0 ? first - 1 : first},${count}`
}

function lengthOn(part: readonly Line[], sign: '-' | '+'): number {
  return part.filter((line) => line.sign === ' ' || line.sign === sign).length
}

function split(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** The change of a file from one text to another, as `diff -u` writes it; empty where there is none. */
export function unifiedDiff(
  before: string | undefined,
  after: string,
  file: string,
): readonly string[] {
  if (before === after) return []
  const lines = linesOf(split(before ?? ''), split(after))
  const hunks = stretchesOf(lines).flatMap(([from, to]) => {
    const [lead, part] = [lines.slice(0, from), lines.slice(from, to)]
    const old = rangeOf(lengthOn(lead, '-') + 1, lengthOn(part, '-'))
    const fresh = rangeOf(lengthOn(lead, '+') + 1, lengthOn(part, '+'))
    return [`@@ -${old} +${fresh} @@`, ...part.map(({ sign, text }) => `${sign}${text}`)]
  })
  return [`--- ${before === undefined ? '/dev/null' : file}`, `+++ ${file}`, ...hunks]
}
