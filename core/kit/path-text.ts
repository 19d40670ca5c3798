const plainWord = /^[\w@%+=:,./-]+$/

/** Writes a word as a POSIX shell would need it. For display only: never run the result. */
export function shellQuote(word: string): string {
  if (plainWord.test(word)) return word
  if (!word.includes("'")) return `'${word}'`
  if (!/["$`\\!]/.test(word)) return `"${word}"`
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
