import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readMeta } from './read-rollout.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const longestMetaLine = 256 * 1024

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

async function below(folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => (await entriesOf(folder)).map((name) => join(folder, name))),
  )
  return found.flat()
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const days = await below(await below(await below([folder])))
  return (await below(days)).filter((file) => /rollout-[^/]*\.jsonl$/.test(file))
}

/** The day folders that a session may lie in: its id begins with its time, and the folder is named for the local day. */
function likelyFolders(folder: string, id: string): readonly string[] {
  const started = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  return [0, -1, 1].map((days) => {
    const at = new Date(started + days * 86_400_000)
    const words = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((value) =>
      String(value).padStart(2, '0'),
    )
    return join(folder, ...words)
  })
}

/** The file of a session by its id. */
export async function findSession(folder: string, id: string): Promise<string | undefined> {
  if (!uuid.test(id)) return undefined
  const ending = `-${id}.jsonl`
  for (const day of likelyFolders(folder, id)) {
    const name = (await entriesOf(day)).find((entry) => entry.endsWith(ending))
    if (name !== undefined) return join(day, name)
  }
  return (await filesIn(folder)).find((file) => file.endsWith(ending))
}

/** The first line of a file; undefined where it cannot be read as one, or is gone meanwhile. */
async function metaOf(file: string): Promise<ReturnType<typeof readMeta>> {
  try {
    await using handle = await open(file)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestMetaLine), 0)
    const end = buffer.indexOf(0x0a)
    return end < 0 || end >= bytesRead
      ? undefined
      : readMeta(JSON.parse(buffer.toString('utf8', 0, end)))
  } catch {
    return undefined
  }
}

async function writtenAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs
  } catch {
    return 0
  }
}

/** The id of the session that was written last, of one folder or of all; sessions of subagents do not count. */
export async function latestSession(
  folder: string,
  cwd: string | undefined,
): Promise<string | undefined> {
  const files = await filesIn(folder)
  const dated = await Promise.all(files.map(async (file) => ({ file, at: await writtenAt(file) })))
  const byTime = dated.toSorted((a, b) => b.at - a.at || b.file.localeCompare(a.file))
  for (const { file } of byTime) {
    const meta = await metaOf(file)
    const isHere = cwd === undefined || meta?.cwd === cwd
    if (meta && meta.parentId === undefined && isHere) return meta.id
  }
  return undefined
}
