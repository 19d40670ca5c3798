const typographic: readonly (readonly [RegExp, string])[] = [
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/[\u2018-\u201b]/g, "'"],
  [/[\u201c-\u201f]/g, '"'],
  [/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' '],
]

function fold(line: string): string {
  return typographic.reduce((text, [from, to]) => text.replace(from, to), line).trim()
}

/** From the strictest to the loosest; a looser reading counts only where no stricter one fits anywhere. */
const readings: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  fold,
]

/** Where lines are looked for. */
export interface SeekRange {
  readonly from: number
  /** Only the last lines of the file will do. */
  readonly atEnd?: boolean
}

/** Finds the first place at or after `from` where the wanted lines stand. */
export function seekLines(
  lines: readonly string[],
  wanted: readonly string[],
  range: SeekRange,
): number | undefined {
  const last = lines.length - wanted.length
  const first = range.atEnd === true ? Math.max(last, range.from) : range.from
  for (const read of readings) {
    const pattern = wanted.map(read)
    for (let at = first; at <= last; at += 1) {
      if (pattern.every((line, offset) => read(lines[at + offset] ?? '') === line)) return at
    }
  }
  return undefined
}
