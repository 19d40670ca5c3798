import type { SandboxPolicy } from 'hookline'
import { isInside, protectedNames } from 'hookline/kit'

/** What the model is told about where it works. */
export interface Environment {
  readonly cwd: string
  readonly shell: string
  readonly date: string
  readonly timeZone: string
  readonly sandbox: SandboxPolicy
  /** Where `$TMPDIR` leads; told by its name. */
  readonly temporaryFolder: string | undefined
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escape(text: string): string {
  return text.replace(/[&<>]/g, (sign) => entities[sign] ?? sign)
}

function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function entry(access: 'read' | 'write' | 'deny', target: string): string {
  return `<entry access="${access}">${target}</entry>`
}

function path(value: string): string {
  return tag('path', escape(value))
}

function special(name: string): string {
  return tag('special', `:${name}`)
}

function rootEntries({ sandbox, temporaryFolder }: Environment): readonly string[] {
  const names = new Map([
    ['/tmp', 'slash_tmp'],
    [temporaryFolder, 'tmpdir'],
  ])
  const written = sandbox.writableRoots.map((root) => {
    const name = names.get(root)
    return entry('write', name === undefined ? path(root) : special(name))
  })
  // Folders of hookline's own, such as its memories, hold no projects.
  const isProject = (root: string) =>
    !names.has(root) && !(sandbox.readOnlyPaths ?? []).some((folder) => isInside(folder, root))
  const kept = sandbox.writableRoots
    .filter(isProject)
    .flatMap((root) => protectedNames.map((name) => entry('read', path(`${root}/${name}`))))
  return [...written, ...kept]
}

function fileSystem(environment: Environment): string {
  const { sandbox } = environment
  const narrowed = [
    ...(sandbox.readOnlyPaths ?? []).map((value) => entry('read', path(value))),
    ...sandbox.deniedReads.map((value) => entry('deny', path(value))),
    ...sandbox.deniedReadGlobs.map((value) => entry('deny', tag('glob', escape(value)))),
  ]
  if (sandbox.mode === 'danger-full-access') {
    return `<permission_profile type="disabled"><file_system type="unrestricted">${narrowed.join('')}</file_system></permission_profile>`
  }
  const roots = sandbox.mode === 'workspace-write' ? rootEntries(environment) : []
  const entries = [entry('read', special('root')), ...roots, ...narrowed].join('')
  return `<permission_profile type="managed"><file_system type="restricted">${entries}</file_system></permission_profile>`
}

/** The part that tells the model where it works and what it may reach. */
export function contextText(environment: Environment): string {
  const { cwd, shell, date, timeZone } = environment
  const roots = tag('workspace_roots', tag('root', escape(cwd)))
  const lines = [
    tag('cwd', escape(cwd)),
    tag('shell', escape(shell)),
    tag('current_date', date),
    tag('timezone', escape(timeZone)),
    tag('filesystem', roots + fileSystem(environment)),
  ]
  return `<environment_context>\n${lines.map((line) => `  ${line}\n`).join('')}</environment_context>`
}
