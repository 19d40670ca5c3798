import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { parseToml } from 'hookline/kit'
import type { ListedHook } from 'hookline/plugins/command-hooks'
import { isTable } from '../../plugins/command-hooks/shape.ts'
import { readTrustRecords, type TrustRecord } from '../../plugins/command-hooks/trust.ts'

/** What Codex has recorded about hooks, under `[hooks.state]` of its config.toml. */
export async function codexRecords(userHome: string): Promise<ReadonlyMap<string, TrustRecord>> {
  const file = join(userHome, '.codex', 'config.toml')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new HooklineError('FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Codex records there which hooks you trust',
      cause: error,
    })
  }
  const hooks = parseToml(text, file).values['hooks']
  return readTrustRecords(isTable(hooks) ? hooks['state'] : undefined)
}

/**
 * The keys of hooks that another product trusts as they are now and that still wait here.
 * Key and fingerprint must both agree: the same command in another folder may be another program.
 */
export function trustedElsewhere(
  hooks: readonly Pick<ListedHook, 'key' | 'currentHash' | 'trustStatus'>[],
  records: ReadonlyMap<string, TrustRecord>,
): readonly string[] {
  return hooks.flatMap(({ key, currentHash, trustStatus }) => {
    const record = records.get(key)
    const isTrusted = record?.trustedHash === currentHash && record.enabled !== false
    const waits = trustStatus === 'untrusted' || trustStatus === 'modified'
    return isTrusted && waits ? [key] : []
  })
}
