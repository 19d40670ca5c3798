/** Foreign text made safe for a line of a terminal. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]+/gu, ' ').trim()
  return line.length > 600 ? `${line.slice(0, 600)}…` : line
}
