import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, join, relative, resolve } from 'node:path'
import { isInside, shellQuote } from 'hookline/kit'

function realPath(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK)
    return realpathSync(file)
  } catch {
    return undefined
  }
}

/** Finds a program as the user's own shell would; npm puts folders of its own on the PATH of its scripts. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders
    .filter((folder) => folder !== '' && !/node_modules|node-gyp-bin/.test(folder))
    .map((folder) => realPath(join(folder, name)))
    .find((file) => file !== undefined)
}

/** A path as it is shortest to type from the current folder. */
export function shownPath(path: string): string {
  const absolute = resolve(path)
  return isInside(process.cwd(), absolute) ? relative(process.cwd(), absolute) || '.' : absolute
}

/** The words that start this program again, as the user can type them. */
export function ownCommand(): string {
  if (process.env['npm_command'] === 'exec') return 'npx hookline'
  const script = process.argv[1] ?? ''
  const found = findProgram('hookline')
  if (found !== undefined && found === realPath(script)) return 'hookline'
  const node = findProgram('node') === realPath(process.execPath) ? 'node' : process.execPath
  const words = [node === 'node' ? node : shownPath(node), ...process.execArgv, shownPath(script)]
  return words.map(shellQuote).join(' ')
}
