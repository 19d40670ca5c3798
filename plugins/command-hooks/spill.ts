import { lstat, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { truncateMiddle, uuid7 } from 'hookline/kit'
import type { Effects } from './verdict.ts'

/** How much of a text the model is told, in tokens, where the handler does not say. */
const defaultLimit = 2500

/** Where whole texts are kept. */
export interface SpillPlace {
  readonly sessionId: string
  redact(text: string): string
}

/** The temporary folder is everybody's: a folder there counts only when it is ours and closed to others. */
async function isPrivate(folder: string): Promise<boolean> {
  const facts = await lstat(folder)
  return facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0
}

async function folderFor(sessionId: string): Promise<string> {
  const shared = join(tmpdir(), 'hook_outputs')
  const folder = join(shared, sessionId.replaceAll(/[^\w-]/g, '_'))
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (process.platform === 'win32' || ((await isPrivate(shared)) && (await isPrivate(folder))))
      return folder
  } catch {
    // Somebody else's folder stands in the way.
  }
  return mkdtemp(join(tmpdir(), 'hook_outputs-'))
}

async function shorten(text: string, limit: number, place: SpillPlace): Promise<string> {
  const cut = truncateMiddle(text, limit)
  if (!cut.truncated) return text
  try {
    const file = join(await folderFor(place.sessionId), `${uuid7()}.txt`)
    await writeFile(file, place.redact(text), { mode: 0o600, flag: 'wx' })
    return `${cut.text}\n\nFull hook output saved to: ${file}`
  } catch {
    return `${cut.text}\n\nThe full hook output could not be saved.`
  }
}

/**
 * Cuts the long texts that a run wants to tell the model, and keeps them whole in a file that it names.
 * The reason of a deny is never cut: it stands for what the model asked for.
 */
export async function spillEffects(
  effects: Effects,
  place: SpillPlace,
  limit = defaultLimit,
): Promise<Effects> {
  if (limit === 0) return effects
  const names = ['context', 'note', 'feedback', 'goOn', 'prompt'] as const
  // A UTF-16 unit takes three bytes at most, so shorter texts need not be measured.
  const long = names.filter((name) => (effects[name]?.length ?? 0) * 3 > limit * 4)
  if (long.length === 0) return effects
  const entries = await Promise.all(
    long.map(async (name) => [name, await shorten(effects[name] ?? '', limit, place)] as const),
  )
  return { ...effects, ...Object.fromEntries(entries) }
}
