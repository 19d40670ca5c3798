const signatures: readonly {
  readonly mime: string
  readonly at: number
  readonly bytes: string
}[] = [
  { mime: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { mime: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { mime: 'image/gif', at: 0, bytes: 'GIF87a' },
  { mime: 'image/gif', at: 0, bytes: 'GIF89a' },
  { mime: 'image/webp', at: 8, bytes: 'WEBPVP8' },
]

/** The kinds that models can see, for messages. */
export const imageKinds = 'png, jpeg, gif, webp'

/** The media type of an image by its first bytes, whatever its name says; undefined for what models cannot see. */
export function imageKind(data: Buffer): string | undefined {
  const found = signatures.find(
    ({ at, bytes }) => data.toString('latin1', at, at + bytes.length) === bytes,
  )
  const isRiff = found?.at === 0 || data.toString('latin1', 0, 4) === 'RIFF'
  return isRiff ? found?.mime : undefined
}
