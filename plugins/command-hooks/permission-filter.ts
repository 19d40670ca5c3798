import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { pathsInPatch } from './patched-file.ts'
import { shellParts } from './shell-parts.ts'
import { isTable } from './shape.ts'

/** A call, as the `if` of a handler is compared with it. */
export interface FilteredCall {
  /** All names of the tool. */
  readonly names: readonly string[]
  readonly input: unknown
  /** What relative paths are taken from. */
  readonly cwd: string
}

/** Says whether a handler with this `if` is wanted for a call. */
export type Filter = (call: FilteredCall) => boolean

const rule = /^([\w-]+(?:\*)?)(?:\((.*)\))?$/s

function wildcards(pattern: string): RegExp {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`))
    .join('.*')
  return new RegExp(`^${source}$`, 's')
}

/** `git commit:*` is a command with any arguments or none; a star elsewhere stands for anything. */
function commandTest(specifier: string): (command: string) => boolean {
  const prefix = /^(.*):\*$/s.exec(specifier)?.[1]
  // A star after a blank lets the arguments be absent, too.
  const bare = prefix ?? /^([^*]*) \*$/s.exec(specifier)?.[1]
  if (bare !== undefined && !bare.includes('*'))
    return (command) => command === bare || command.startsWith(`${bare} `)
  const found = wildcards(prefix === undefined ? specifier : `${prefix}*`)
  return (command) => found.test(command)
}

function ofCommand(command: string, test: (command: string) => boolean): boolean {
  if (test(command)) return true
  const parts = shellParts(command)
  // What cannot be taken apart may hold anything.
  if (parts === undefined) return true
  return parts.some((part) => test(part) || test(part.replace(/\s+/g, ' ')))
}

function pathsOf(input: Readonly<Record<string, unknown>>): readonly string[] {
  const named = ['file_path', 'path', 'notebook_path']
    .map((name) => input[name])
    .filter((path) => typeof path === 'string')
  const patch = input['command']
  if (typeof patch !== 'string') return named
  const { files, targets } = pathsInPatch(patch)
  return [...named, ...files, ...targets]
}

const literal = (text: string) => text.replace(/[\\^$.+()[\]{}|/-]/g, String.raw`\$&`)

/** A star stays within a name, two go over folders; what matches a folder matches everything in it. */
function globSource(glob: string): string {
  return glob
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => globParts.get(part) ?? literal(part))
    .join('')
}

const globParts: ReadonlyMap<string, string> = new Map([
  ['**/', '(?:.*/)?'],
  ['**', '.*'],
  ['*', '[^/]*'],
  ['?', '[^/]'],
])

/** Paths are written as in an ignore file: without a slash at any depth, otherwise from the working folder. */
function pathTest(specifier: string, cwd: string): (path: string) => boolean {
  const glob = specifier.replace(/\/$/, '')
  const isAnywhere = !glob.includes('/')
  const root = absoluteGlob(glob) ?? `${cwd}/${glob.replace(/^\.?\//, '')}`
  const found = isAnywhere
    ? new RegExp(`(?:^|/)${globSource(glob)}(?:/|$)`)
    : new RegExp(`^${globSource(root)}(?:/|$)`)
  return (path) => found.test(resolve(cwd, path))
}

function absoluteGlob(glob: string): string | undefined {
  if (glob.startsWith('~/')) return `${homedir()}/${glob.slice(2)}`
  return glob.startsWith('//') ? glob.slice(1) : undefined
}

/**
 * Compiles the `if` of a handler: `Tool`, `Tool(specifier)`, `mcp__server__*`. Undefined: it is no such rule.
 * In doubt a call is wanted: a hook that runs once too often does less harm than a guard that does not run.
 */
export function compileFilter(text: string): Filter | undefined {
  const [, tool, specifier] = rule.exec(text.trim()) ?? []
  if (tool === undefined) return undefined
  const names = wildcards(tool)
  const isTool = (call: FilteredCall) =>
    call.names.some((name) => names.test(name) || name.startsWith(`${tool}__`))
  if (specifier === undefined || specifier === '' || specifier === '*') return isTool
  const asCommand = commandTest(specifier)
  return (call) => {
    if (!isTool(call)) return false
    const { input } = call
    if (!isTable(input)) return true
    if (call.names[0] === 'Bash')
      return typeof input['command'] !== 'string' || ofCommand(input['command'], asCommand)
    const paths = pathsOf(input)
    return paths.length === 0 || paths.some(pathTest(specifier, call.cwd))
  }
}
