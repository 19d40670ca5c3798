import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isInside, projectRoot, resolveLinks } from 'hookline/kit'

const ownNames = ['AGENTS.override.md', 'AGENTS.md']

/** A file of instructions, not read yet. */
export interface Document {
  readonly path: string
  readonly size: number
  /** Changes whenever the file does. */
  readonly version: string
  /** Present: it is not read, and why. */
  readonly refused?: string
}

export interface ProjectRules {
  readonly fallbackNames: readonly string[]
  readonly rootMarkers: readonly string[]
}

async function lookAt(path: string): Promise<Document | undefined> {
  try {
    const facts = await stat(path)
    if (!facts.isFile()) return undefined
    return {
      path,
      size: facts.size,
      version: `${path}\n${facts.ino} ${facts.size} ${facts.mtimeMs}`,
    }
  } catch {
    return undefined
  }
}

/** The first of the names that is a file. */
async function firstOf(folder: string, names: readonly string[]): Promise<Document | undefined> {
  for (const name of names) {
    const found = await lookAt(join(folder, name))
    if (found) return found
  }
  return undefined
}

/** From the root of the project down to the working directory. */
function foldersBetween(root: string, cwd: string): readonly string[] {
  const folders = [cwd]
  for (let folder = cwd; folder !== root; folder = dirname(folder)) folders.push(dirname(folder))
  return folders.toReversed()
}

/** A repository could otherwise have any file of the machine sent to the model by a link. */
async function withoutStrayLink(
  document: Document,
  root: string,
  names: readonly string[],
): Promise<Document> {
  const real = await resolveLinks(document.path)
  if (isInside(await resolveLinks(root), real) || names.includes(basename(real))) return document
  return { ...document, refused: `it is a link that leads out of the project, to ${real}` }
}

/** The instructions of the user for all projects. */
export async function findHomeDocument(home: string): Promise<Document | undefined> {
  return firstOf(home, ownNames)
}

/** The instructions of a project, at most one file a folder, outermost first. */
export async function findProjectDocuments(
  cwd: string,
  rules: ProjectRules,
): Promise<readonly Document[]> {
  const root = projectRoot(cwd, rules.rootMarkers)
  const names = [...ownNames, ...rules.fallbackNames]
  const found = await Promise.all(
    foldersBetween(root, resolve(cwd)).map((folder) => firstOf(folder, names)),
  )
  return Promise.all(
    found
      .filter((document) => document !== undefined)
      .map((document) => withoutStrayLink(document, root, names)),
  )
}
