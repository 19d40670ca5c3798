import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from 'hookline'

/** What the home holds. */
export interface StoredKey {
  readonly key?: string
  /** Something else than a key is stored: tokens of an account. */
  readonly otherSignIn?: boolean
  /** Why the file counts as empty. */
  readonly fault?: string
}

/** Reads the key of `auth.json`; a file that is missing or cannot be read counts as empty. */
export async function storedKey(home: string): Promise<StoredKey> {
  const path = join(home, 'auth.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing ? {} : { fault: `${path} cannot be read: ${messageOf(error)}` }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Without the parser's own message, which quotes what it read.
    return { fault: `${path} is not JSON` }
  }
  if (typeof value !== 'object' || value === null) return { fault: `${path} holds no credentials` }
  return keyOf(value)
}

function keyOf(value: object): StoredKey {
  const mode =
    'auth_mode' in value && typeof value.auth_mode === 'string' ? value.auth_mode : undefined
  const key =
    'OPENAI_API_KEY' in value && typeof value.OPENAI_API_KEY === 'string'
      ? value.OPENAI_API_KEY.trim()
      : ''
  if (key !== '' && (mode ?? 'apikey') === 'apikey') return { key }
  const hasTokens = 'tokens' in value && value.tokens !== null
  return hasTokens || (mode ?? 'apikey') !== 'apikey' ? { otherSignIn: true } : {}
}
