import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import type { FileOrigin } from '../../../plugins/command-hooks/file-origin.ts'
import type { Path } from '../../../plugins/command-hooks/problems.ts'
import { everywhere, will } from './finding.ts'
import type { LintContext } from './lint-context.ts'
import { resolveWord, type ShellCommand } from './shell-words.ts'

interface CommandAt {
  readonly context: LintContext
  readonly path: Path
}

const lets = 'and the operation goes on'

/** Programs whose first plain argument is a script. */
const interpreters = new Set(
  'sh bash dash zsh ksh python python3 node bun deno tsx ts-node ruby perl php pwsh osascript Rscript lua'.split(
    ' ',
  ),
)
/** Programs that start another one. */
const starters = new Set(['exec', 'command', 'env', 'nohup', 'nice', 'sudo', 'builtin'])
const builtins = new Set(
  `. : [ alias break case cd continue declare done echo esac eval exit export false fi for function getopts hash
  jobs kill let local printf pwd read readonly return select set shift source test trap true type typeset ulimit
  umask unset wait [[ ]] }`.split(/\s+/),
)
/** Words by which a command line shows that it has thought of a file that is missing. */
const guards = /\[ -|\btest -|command -v|\btype |\|\|/

/** What a command line starts: a program by name, and the file that it is or that it is given. */
export interface Started {
  readonly program?: string
  readonly script?: string
  /** The script is started itself, so it must be executable. */
  readonly isDirect: boolean
}

function scriptOf(program: string, rest: readonly (string | undefined)[]): string | undefined {
  const args =
    program === 'bun' || program === 'deno' ? rest.filter((word) => word !== 'run') : rest
  for (const word of args) {
    // `-c`, `-e`, `-m`: the program comes otherwise.
    if (word === undefined || /^-\w*[cem]$|^--eval$|^-p$|^-$|^-s$/.test(word)) return undefined
    if (!word.startsWith('-')) return word
  }
  return undefined
}

/** The words that count: without programs that only start another one, and without their variables. */
function ownWords(texts: readonly (string | undefined)[]): readonly (string | undefined)[] {
  const from = texts.findIndex((text = '') => !starters.has(text) && !/^\w+=/.test(text))
  return from < 0 ? [] : texts.slice(from)
}

/** Tells what a command starts, with the variables of its place put in. */
export function startedBy(
  { words }: ShellCommand,
  variables: Readonly<Record<string, string | undefined>>,
): Started | undefined {
  const [first = '', ...rest] = ownWords(words.map((word) => resolveWord(word, variables)))
  if (first === '' || builtins.has(first)) return undefined
  const isPath = first.includes('/') || first.startsWith('~')
  const name = first.split('/').at(-1) ?? ''
  const isInterpreter = interpreters.has(name)
  if (isPath && !isInterpreter) return { script: first, isDirect: true }
  return {
    ...(!isPath && { program: first }),
    ...(isInterpreter && withScript(scriptOf(name, rest))),
    isDirect: false,
  }
}

const withScript = (script: string | undefined) => (script === undefined ? {} : { script })

/** The values of the variables that a handler can count on, where they are known. */
export function variablesAt({
  file,
  origin,
}: Pick<LintContext, 'file' | 'origin'>): Readonly<Record<string, string | undefined>> {
  const { bundleRoot, projectDir } = origin
  return {
    HOME: homedir(),
    CLAUDE_PLUGIN_ROOT: bundleRoot,
    PLUGIN_ROOT: bundleRoot,
    CLAUDE_PROJECT_DIR: projectDir,
    HOOKLINE_PROJECT_DIR: projectDir,
    HOOKLINE_HOOKS_DIR: dirname(resolve(file)),
    PWD: projectDir,
  }
}

/** The file a script path means, or undefined where that depends on the session. */
export function fileOf(script: string, { projectDir }: FileOrigin): string | undefined {
  const path = script.replace(/^~(?=\/)/, homedir())
  if (isAbsolute(path)) return path
  return projectDir === undefined ? undefined : resolve(projectDir, path)
}

function isOnPath(name: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, name)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

const largestScript = 256 * 1024

/** The text of a script, as far as it is a file of ordinary size. */
export function textOfScript(file: string): string | undefined {
  try {
    const facts = statSync(file)
    return facts.isFile() && facts.size <= largestScript ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined
  }
}

function missingProgram(name: string, how: string, { context, path }: CommandAt): void {
  context.findings.add('InterpreterMissing', path, {
    message: `${how} "${name}", which is not installed here`,
    consequences: everywhere(will('open', `the handler fails with code 127, ${lets}`)),
    fix: `install ${name}, or put it on the PATH`,
    limit: 'warning',
  })
}

/** The program in the first line of a script; with `env`, the one that is looked up. */
function interpreterOf(file: string): string | undefined {
  const [, program = '', argument] =
    /^#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(textOfScript(file) ?? '') ?? []
  return program.endsWith('/env') ? argument : program || undefined
}

function lintExisting(file: string, isDirect: boolean, at: CommandAt): void {
  if (isDirect && !isExecutable(file)) {
    at.context.findings.add('ScriptNotExecutable', at.path, {
      message: `${file} may not be executed`,
      consequences: everywhere(will('open', `the handler fails with code 126, ${lets}`)),
      fix: `chmod +x ${file}`,
    })
  }
  const program = isDirect ? interpreterOf(file) : undefined
  if (program === undefined) return
  const isThere = program.includes('/') ? existsSync(program) : isOnPath(program)
  if (!isThere) missingProgram(program, `${file} asks for`, at)
}

function lintRelative(script: string, { context, path }: CommandAt): void {
  const { bundleRoot } = context.origin
  if (bundleRoot === undefined || !existsSync(resolve(bundleRoot, script))) return
  context.findings.add('ScriptRelative', path, {
    message: `"${script}" is looked for in the working folder of the session, not beside the hooks`,
    consequences: everywhere(will('open', `the handler does not find it elsewhere, ${lets}`)),
    fix: `write "\${CLAUDE_PLUGIN_ROOT}/${script.replace(/^\.\//, '')}"`,
    limit: 'warning',
  })
}

function lintScript(script: string, isDirect: boolean, at: CommandAt): void {
  const file = fileOf(script, at.context.origin)
  if (file === undefined) return lintRelative(script, at)
  if (existsSync(file)) return lintExisting(file, isDirect, at)
  at.context.findings.add('ScriptMissing', at.path, {
    message: `${file} does not exist`,
    consequences: everywhere(will('open', `the handler fails, ${lets}`)),
    fix: 'correct the path, or put the script there',
  })
}

/** The programs and scripts of a command line. One that looks for them itself is taken at its word. */
export function lintProgram(text: string, commands: readonly ShellCommand[], at: CommandAt): void {
  if (guards.test(text)) return
  const variables = variablesAt(at.context)
  const functions = new Set([...text.matchAll(/(\w+)\s*\(\)/g)].map(([, name = '']) => name))
  const seen = new Set<string>()
  for (const command of commands) {
    const started = startedBy(command, variables)
    const { program, script, isDirect = false } = started ?? {}
    const key = `${program}\0${script}`
    if (seen.has(key)) continue
    seen.add(key)
    if (program !== undefined && !functions.has(program) && !isOnPath(program))
      missingProgram(program, 'it starts', at)
    if (script !== undefined) lintScript(script, isDirect, at)
  }
}
