import { dirname, resolve } from 'node:path'
import { projectRoot } from 'hookline/kit'

/** The folders of a project that may hold settings: its root first, the working directory last. */
export interface Project {
  readonly root: string
  readonly folders: readonly string[]
}

/** Finds the project around a folder; without a marker the folder itself is the project. */
export function findProject(cwd: string, markers: unknown): Project {
  const names = Array.isArray(markers)
    ? markers.filter((marker) => typeof marker === 'string')
    : ['.git']
  const root = projectRoot(cwd, names)
  const folders: string[] = []
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.unshift(folder)
    if (folder === root || dirname(folder) === folder) return { root, folders }
  }
}
