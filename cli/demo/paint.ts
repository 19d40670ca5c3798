import { styleText } from 'node:util'

/** Puts a style on a text, where styles are shown. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Chooses by `--color`; by itself it shows styles on a terminal, unless NO_COLOR and its like forbid it. */
export function paintFor(when: string | undefined): Paint {
  if (when === 'never') return (_style, text) => text
  if (when === 'always') return (style, text) => styleText(style, text, { validateStream: false })
  return (style, text) => styleText(style, text, { stream: process.stdout })
}

/** The width that text is broken at: that of the terminal, within reason. Some terminals say 0. */
function textWidth(): number {
  return Math.max(40, Math.min(process.stdout.columns || 80, 100))
}

/** Breaks a text into lines between words; a word longer than a line stays whole. */
export function wrap(text: string, indent: string, columns = textWidth()): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, columns - indent.length))
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n')
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let now = ''
  for (const word of line.split(' ')) {
    if (now !== '' && now.length + 1 + word.length > width) {
      lines.push(now)
      now = word
    } else {
      now = now === '' ? word : `${now} ${word}`
    }
  }
  return [...lines, now]
}
