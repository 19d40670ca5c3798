/** Control characters and what turns the direction of text. */
const acting = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Shows signs that would act on a terminal, or turn the direction of text, as what they are. */
export function visible(text: string): string {
  return text.replace(acting, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same for text of several lines. */
export function visibleLines(text: string): readonly string[] {
  return text.replaceAll('\t', '  ').split(/\r?\n/).map(visible)
}
