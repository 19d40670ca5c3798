#!/usr/bin/env node
// PostToolUse: formats what a patch has written, then lints it, and tells the model what it has to know: which files
// are no longer as it wrote them, and what the linter says. A project that has set up neither is left alone.

import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, delimiter, dirname, join, relative, resolve, sep } from 'node:path'

const secondsPerProgram = 20
const mostFiles = 50
/** Characters of what one program says that are passed on. */
const longestReport = 4000

// ---- What is looked for -------------------------------------------------------------------------

const scripts = /\.[cm]?[jt]sx?$/
const web =
  /\.(?:[cm]?[jt]sx?|jsonc?|json5|css|scss|less|html|vue|svelte|md|mdx|ya?ml|graphql|gql)$/
const python = /\.pyi?$/

/** A file that means "this tool is used here"; with an expression only if it holds that. */
const ruffIsUsed = ['ruff.toml', '.ruff.toml', ['pyproject.toml', /^\[tool\.ruff\b/m]]

/** Of the formatters that know a file, the one that is set up nearest to it is run; of one folder the first. */
const formatters = [
  { name: 'oxfmt', files: web, signs: ['.oxfmtrc.json', '.oxfmtrc.jsonc'], npm: 'oxfmt', args: [] },
  {
    name: 'biome',
    files: /\.(?:[cm]?[jt]sx?|jsonc?|css|graphql)$/,
    signs: ['biome.json', 'biome.jsonc'],
    npm: '@biomejs/biome',
    args: ['format', '--write', '--no-errors-on-unmatched'],
  },
  {
    name: 'prettier',
    files: web,
    signs: [
      ...['', '.json', '.json5', '.yaml', '.yml', '.toml', '.js', '.cjs', '.mjs', '.ts'].map(
        (end) => `.prettierrc${end}`,
      ),
      ...['.js', '.cjs', '.mjs', '.ts'].map((end) => `prettier.config${end}`),
      ['package.json', /"prettier"\s*:/],
    ],
    npm: 'prettier',
    args: ['--write', '--ignore-unknown', '--log-level=error'],
  },
  { name: 'ruff', files: python, signs: ruffIsUsed, program: 'ruff', args: ['format', '--quiet'] },
  {
    name: 'black',
    files: python,
    signs: [['pyproject.toml', /^\[tool\.black\]/m]],
    program: 'black',
    args: ['--quiet'],
  },
  { name: 'gofmt', files: /\.go$/, signs: ['go.mod'], program: 'gofmt', args: ['-w'] },
  {
    name: 'rustfmt',
    files: /\.rs$/,
    signs: [['Cargo.toml', /^\[package\]/m]],
    program: 'rustfmt',
    args: (folder) => ['--edition', editionIn(join(folder, 'Cargo.toml'))],
  },
]

/** All that are set up are run. Exit code 1 means that they have something to say. */
const linters = [
  { name: 'oxlint', files: scripts, signs: ['.oxlintrc.json'], npm: 'oxlint', args: [] },
  {
    name: 'eslint',
    files: scripts,
    signs: [
      ...['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'].map((end) => `eslint.config${end}`),
      ...['', '.json', '.js', '.cjs', '.yaml', '.yml'].map((end) => `.eslintrc${end}`),
    ],
    npm: 'eslint',
    args: [],
  },
  {
    name: 'biome',
    files: scripts,
    signs: ['biome.json', 'biome.jsonc'],
    npm: '@biomejs/biome',
    args: ['lint', '--no-errors-on-unmatched'],
  },
  {
    name: 'ruff',
    files: python,
    signs: ruffIsUsed,
    program: 'ruff',
    args: ['check', '--quiet', '--output-format=concise'],
  },
]

function editionIn(manifest) {
  return /^\s*edition\s*=\s*"(\d{4})"/m.exec(textOf(manifest))?.[1] ?? '2021'
}

// ---- Which files --------------------------------------------------------------------------------

function textOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const isInside = (folder, path) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/** The project, with all links followed: nothing outside it is touched. */
function projectOf(event) {
  const cwd = realpathSync(event.cwd ?? process.cwd())
  const named = process.env.HOOKLINE_PROJECT_DIR ?? process.env.CLAUDE_PROJECT_DIR
  const project = named !== undefined && existsSync(named) ? realpathSync(named) : cwd
  return { cwd, project: isInside(project, cwd) ? project : cwd }
}

/** The paths that a call has written to, in the words of the patch. */
function pathsIn(input) {
  const { file_path: named, command } = input ?? {}
  const found = typeof named === 'string' ? [named] : []
  if (typeof command !== 'string') return found
  const headers = command.matchAll(/^\*\*\* (?:(?:Add|Update) File|Move to): (.+?)\s*$/gm)
  return [...found, ...[...headers].map(([, path]) => path)]
}

function filesOf(event, { cwd, project }) {
  const files = new Set()
  for (const path of pathsIn(event.tool_input)) {
    try {
      const file = realpathSync(resolve(cwd, path))
      const isForeign = /[/\\](?:node_modules|\.git|\.venv|venv|vendor)[/\\]/.test(file)
      if (isInside(project, file) && !isForeign && statSync(file).isFile()) files.add(file)
    } catch {
      // Moved away or removed by the same patch.
    }
  }
  return [...files].slice(0, mostFiles)
}

// ---- Which programs -----------------------------------------------------------------------------

/** From a folder up to the project. */
function foldersAbove(folder, project) {
  const folders = [folder]
  for (let at = folder; at !== project && dirname(at) !== at; at = dirname(at))
    folders.push(dirname(at))
  return folders
}

const isSign = (folder, sign) =>
  typeof sign === 'string'
    ? existsSync(join(folder, sign))
    : sign[1].test(textOf(join(folder, sign[0])))

/** The folder in which a tool is set up for a file. */
function homeOf(tool, file, project) {
  if (!tool.files.test(file)) return undefined
  return foldersAbove(dirname(file), project).find((folder) =>
    tool.signs.some((sign) => isSign(folder, sign)),
  )
}

/** The script that an installed package runs as its command: started by this node, on every system alike. */
function entryOf(folder, npm) {
  const home = join(folder, 'node_modules', npm)
  try {
    const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
    const entry = typeof bin === 'string' ? bin : bin?.[npm.split('/').at(-1)]
    return entry === undefined ? undefined : join(home, entry)
  } catch {
    return undefined
  }
}

function executableAt(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** What to start for a tool: never one that would have to be downloaded. */
function startOf({ npm, program }, folder, project) {
  const folders = foldersAbove(folder, project)
  if (npm !== undefined) {
    const entry = folders.map((at) => entryOf(at, npm)).find((found) => found !== undefined)
    return entry === undefined ? undefined : [process.execPath, entry]
  }
  const own = folders.flatMap((at) => [join(at, '.venv', 'bin'), join(at, 'venv', 'bin')])
  const known = (process.env.PATH ?? '').split(delimiter).filter((at) => at !== '' && at !== '.')
  const found = [...own, ...known].map((at) => join(at, program)).find(executableAt)
  return found === undefined ? undefined : [found]
}

/** Jobs: a tool, the folder it is set up in, and the files it is for. */
function jobsFor(files, tools, { project, onlyNearest }) {
  const jobs = new Map()
  for (const file of files) {
    const homes = tools
      .map((tool) => ({ tool, folder: homeOf(tool, file, project) }))
      .filter(({ folder }) => folder !== undefined)
      // The longest path is the nearest; the order of the list decides between equals.
      .toSorted((a, b) => b.folder.length - a.folder.length)
    for (const { tool, folder } of onlyNearest ? homes.slice(0, 1) : homes) {
      const start = startOf(tool, folder, project)
      const key = `${tool.name}\0${folder}`
      if (start === undefined) continue
      const job = jobs.get(key) ?? { tool, folder, start, files: [] }
      job.files.push(file)
      jobs.set(key, job)
    }
  }
  return [...jobs.values()]
}

/** Runs a program to its end. No shell takes part, so nothing in a file name means anything. */
function run({ tool, folder, start, files }) {
  const [file, ...before] = start
  const args = typeof tool.args === 'function' ? tool.args(folder) : tool.args
  return new Promise((settle) => {
    const child = spawn(file, [...before, ...args, ...files], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: secondsPerProgram * 1000,
      killSignal: 'SIGKILL',
    })
    let text = ''
    const hear = (chunk) => {
      if (text.length < 100_000) text += chunk
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.on('error', (error) => settle({ code: -1, text: error.message }))
    child.on('close', (code, signal) =>
      settle(signal === null ? { code, text } : { code: -1, text: `it was ended by ${signal}` }),
    )
  })
}

// ---- What is told -------------------------------------------------------------------------------

function shortened(text) {
  const clean = text.trim()
  return clean.length > longestReport ? `${clean.slice(0, longestReport)}\n… (cut)` : clean
}

async function format(files, place) {
  const told = []
  for (const job of jobsFor(files, formatters, { ...place, onlyNearest: true })) {
    const before = new Map(job.files.map((file) => [file, textOf(file)]))
    const { code, text } = await run(job)
    const changed = job.files.filter((file) => textOf(file) !== before.get(file))
    const names = changed.map((file) => relative(place.cwd, file)).join(', ')
    if (names !== '') {
      told.push(
        `${job.tool.name} has formatted ${names}: what stands there is no longer what you wrote.`,
      )
    }
    if (code !== 0) told.push(`${job.tool.name} could not format:\n${shortened(text)}`)
  }
  return told
}

async function lint(files, place) {
  const told = []
  const broken = []
  for (const job of jobsFor(files, linters, { ...place, onlyNearest: false })) {
    const { code, text } = await run(job)
    if (code === 1)
      told.push(`${job.tool.name} finds fault with what you wrote:\n${shortened(text)}`)
    else if (code !== 0) broken.push(`${job.tool.name} did not run: ${text.trim().split('\n')[0]}`)
  }
  return { told, broken }
}

async function main() {
  let stdin = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) stdin += chunk
  const event = JSON.parse(stdin)
  const place = projectOf(event)
  const files = filesOf(event, place)
  if (files.length === 0) return
  const formatted = await format(files, place)
  const { told, broken } = await lint(files, place)
  const context = [...formatted, ...told].join('\n\n')
  const answer = {
    ...(broken.length > 0 && {
      systemMessage: `${basename(import.meta.filename)}: ${broken.join('; ')}`,
    }),
    ...(context !== '' && {
      hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: context },
    }),
  }
  if (Object.keys(answer).length > 0) console.log(JSON.stringify(answer))
}

await main()
