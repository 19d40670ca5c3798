// PreToolUse: refuses patches of protected files, and shell commands that plainly write to them.
// Runs in an isolate: no files, no network, no processes. The event comes in, the answer goes out.

/** Pattern, and what to do instead. Without a slash a name counts in every folder; a slash at the end means all below. */
const protectedPaths = [
  ['.env', 'Secrets are entered by a person: say which variable is needed.'],
  ['.env.*', 'Secrets are entered by a person: say which variable is needed.'],
  ['*.pem', 'Keys and certificates are exchanged by a person.'],
  ['.github/workflows/', 'Workflows are changed by a person: show the change you want.'],
  ['package-lock.json', 'It is written by npm: change package.json and run npm install.'],
  ['pnpm-lock.yaml', 'It is written by pnpm: change package.json and run pnpm install.'],
  ['yarn.lock', 'It is written by yarn: change package.json and run yarn install.'],
  ['Cargo.lock', 'It is written by cargo: change Cargo.toml and run cargo check.'],
]
/** Not protected, whatever the list above says. */
const exceptions = ['.env.example', '.env.sample', '.env.template']

/** `*` and `?` stay within a name, `**` does not. */
function expressionOf(pattern) {
  const anywhere = !pattern.slice(0, -1).includes('/')
  const text = pattern
    .replace(/^\.?\/|\/$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (sign) =>
      sign === '**/' ? '(?:.*/)?' : sign === '**' ? '.*' : sign === '*' ? '[^/]*' : '[^/]',
    )
  return new RegExp(
    `${anywhere ? '(?:^|/)' : '^'}${text}${pattern.endsWith('/') ? '(?:/|$)' : '$'}`,
  )
}

/** A path without `.`, `..` and doubled slashes, from the working folder on where it lies below that. */
function normal(path, cwd) {
  const parts = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const whole = `/${parts.join('/')}`
  return whole.startsWith(`${cwd}/`) ? whole.slice(cwd.length + 1) : whole
}

function whyProtected(path, cwd) {
  const wanted = normal(path, cwd)
  const is = (pattern) => expressionOf(pattern).test(wanted)
  if (exceptions.some(is)) return undefined
  const rule = protectedPaths.find(([pattern]) => is(pattern))
  return rule && `${wanted} is protected (${rule[0]}). ${rule[1]}`
}

/** The files that a patch names, also one that is given to a shell. */
const patchedBy = (text) =>
  [...text.matchAll(/^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+?)\s*$/gm)].map(
    ([, path]) => path,
  )

// ---- Shell commands: a list of words each, with quotes taken off. Expansions are not followed. ----

const piece =
  /\\\r?\n|\\([^])|'([^']*)'|"((?:\\[^]|[^"\\])*)"|(#[^\n]*)|(&&|\|\||[;|&\n()])|(\d*>>?\|?|<<?<?-?|&>>?)|([ \t\r]+)|([^])/g

function simpleCommands(text) {
  const commands = [[]]
  let word
  const end = () => {
    if (word !== undefined) commands.at(-1).push(word)
    word = undefined
  }
  for (const [whole, escaped, single, double, comment, separator, redirect, blank] of text.matchAll(
    piece,
  )) {
    if (separator !== undefined) {
      end()
      commands.push([])
    } else if (redirect !== undefined) {
      end()
      // An object, so that it is not taken for a word in quotes.
      commands.at(-1).push({ redirect })
    } else if (blank !== undefined) end()
    else if (comment !== undefined && word === undefined) continue
    else if (!/^\\\r?\n$/.test(whole))
      word = (word ?? '') + (escaped ?? single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? whole)
  }
  end()
  return commands.filter((words) => words.length > 0)
}

/** Programs that change every file they are given, or the last one. */
const writers = new Set('tee rm unlink shred truncate mv touch chmod chown rename patch'.split(' '))
const copiers = new Set('cp ln install rsync'.split(' '))

function writtenBy(words) {
  const targets = []
  const plain = []
  words.forEach((word, at) => {
    const before = words[at - 1]
    if (typeof word !== 'string') return
    if (typeof before === 'object') {
      if (before.redirect.includes('>')) targets.push(word)
    } else plain.push(word)
  })
  const start = plain.findIndex(
    (word) => !/^(?:\w+=.*|sudo|command|env|exec|nohup|time)$/s.test(word),
  )
  const [program = '', ...args] = start < 0 ? [] : plain.slice(start)
  const name = program.split('/').at(-1)
  const files = args.filter((arg) => !arg.startsWith('-'))
  if (writers.has(name)) targets.push(...files)
  if (copiers.has(name)) targets.push(...files.slice(-1))
  if (/^(?:sed|perl|ruby)$/.test(name) && args.some((arg) => /^-\w*i|^--in-place/.test(arg)))
    targets.push(...files)
  if (name === 'dd')
    targets.push(...args.filter((arg) => arg.startsWith('of=')).map((arg) => arg.slice(3)))
  if (name === 'git' && /^(?:rm|mv|checkout|restore)$/.test(files[0]))
    targets.push(...files.slice(1))
  return targets
}

function pathsOf({ file_path: named, command }) {
  const found = typeof named === 'string' ? [named] : []
  if (typeof command !== 'string') return found
  return [...found, ...patchedBy(command)]
}

export default function protectPaths({ tool_name: tool, tool_input: input, cwd }) {
  const paths = pathsOf(input)
  if (tool === 'Bash') paths.push(...simpleCommands(String(input.command)).flatMap(writtenBy))
  const reason = paths.map((path) => whyProtected(path, cwd)).find((why) => why !== undefined)
  if (reason === undefined) return undefined
  return {
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: reason,
    },
  }
}
