import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acquireLock,
  parseToml,
  removeTomlValue,
  readIfThere,
  setTomlValue,
  writeFileAtomic,
} from 'hookline/kit'

/** Changes the user's config.toml under its lock, so that no other writer's change is lost. */
async function edit(home: string, change: (text: string) => string): Promise<void> {
  const file = join(home, 'config.toml')
  await mkdir(home, { recursive: true, mode: 0o700 })
  await using held = new AsyncDisposableStack()
  held.use(await acquireLock(`${file}.lock`, { timeoutMs: 10_000 }))
  const before = await readIfThere(file)
  const text = before ?? ''
  // A file that cannot be parsed must not be edited: what would be written there might not count.
  parseToml(text, file)
  const next = change(text)
  if (next !== text) await writeFileAtomic(file, next, before === undefined ? { mode: 0o600 } : {})
}

/**
 * Records that these hooks may run as they are now; the rest of config.toml stays as it is written. `digests` are those
 * of the script files that some of them run.
 */
export function recordTrust(
  home: string,
  hashes: ReadonlyMap<string, string>,
  digests: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const record = (text: string, [key, hash]: readonly [string, string]): string => {
    const hashed = setTomlValue(text, ['hooks', 'state', key, 'trusted_hash'], hash)
    const digest = digests.get(key)
    const place = ['hooks', 'state', key, 'script_digest']
    return digest === undefined
      ? removeTomlValue(hashed, place)
      : setTomlValue(hashed, place, digest)
  }
  return edit(home, (text) => [...hashes].reduce(record, text))
}

/** Takes recorded trust back; whether a hook is enabled stays recorded. */
export function forgetTrust(home: string, keys: readonly string[]): Promise<void> {
  const places = keys.flatMap((key) =>
    ['trusted_hash', 'script_digest'].map((name) => ['hooks', 'state', key, name]),
  )
  return edit(home, (text) => places.reduce((next, place) => removeTomlValue(next, place), text))
}
