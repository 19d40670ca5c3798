import { styleText } from 'node:util'

/** Puts a style on a text, where styles are shown. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Chooses by `--color`; by itself it shows styles on a terminal, unless NO_COLOR and its like forbid it. */
export function paintFor(when: string | undefined): Paint {
  if (when === 'never') return (_style, text) => text
  if (when === 'always') return (style, text) => styleText(style, text, { validateStream: false })
  return (style, text) => styleText(style, text, { stream: process.stdout })
}

/** Breaks a text into lines that fit a terminal; words longer than a line stay whole. */
export function wrap(text: string, indent: string, columns = Math.min(process.stdout.columns ?? 80, 100)): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns - indent.length).map((part) => `${indent}${part}`.trimEnd()).join('\n'))
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
