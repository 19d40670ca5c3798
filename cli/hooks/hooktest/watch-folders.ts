import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Names of files that programs write beside their work, and not people. */
const notSource = /(^|\/)(\.git|node_modules|__pycache__)\/|\.(log|pyc|tmp|sw[a-z])$|~$/

/** One save comes as several events. */
const settleMs = 40

async function foldersOf(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const folders = await Promise.all(
    paths.map(async (path) => {
      const facts = await stat(path).catch(() => undefined)
      return facts?.isDirectory() ? path : dirname(path)
    }),
  )
  return new Set(folders)
}

/** Calls `run` now and after every change below the paths, one call after the other, until the signal is aborted. */
export async function watchFolders(
  paths: readonly string[],
  run: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const wake = { pending: Promise.withResolvers<void>() }
  let timer: NodeJS.Timeout | undefined
  const onChange = (_event: string, name: string | null) => {
    if (name !== null && notSource.test(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => wake.pending.resolve(), settleMs)
  }
  const watchers: FSWatcher[] = []
  for (const folder of await foldersOf(paths))
    watchers.push(watch(folder, { recursive: true, signal }, onChange))
  signal.addEventListener('abort', () => wake.pending.resolve(), { once: true })
  try {
    while (!signal.aborted) {
      wake.pending = Promise.withResolvers<void>()
      await run()
      await wake.pending.promise
    }
  } finally {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
