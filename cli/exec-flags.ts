import { parseArgs, type ParseArgsConfig } from 'node:util'
import { HooklineError, messageOf } from 'hookline'
import { nearest } from 'hookline/kit'

/** One flag of the command line, for the parser of the hot path and for --help alike. */
export interface Flag {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly multiple?: boolean
  readonly help: string
  readonly value?: string
}

/** Flags of every command that starts a session. */
export const sessionFlags = {
  config: {
    type: 'string',
    short: 'c',
    multiple: true,
    value: 'KEY=VALUE',
    help: 'Override a setting; the value is TOML, else a text.',
  },
  profile: {
    type: 'string',
    short: 'p',
    value: 'NAME',
    help: 'Layer NAME.config.toml of the home on top of config.toml.',
  },
  cd: { type: 'string', short: 'C', value: 'DIR', help: 'Work in DIR.' },
  model: { type: 'string', short: 'm', value: 'MODEL', help: 'The model to use.' },
  sandbox: {
    type: 'string',
    short: 's',
    value: 'MODE',
    help: 'read-only, workspace-write or danger-full-access.',
  },
  'session-source': { type: 'string', value: 'SOURCE', help: 'Who starts the session.' },
  product: { type: 'string', value: 'PRODUCT', help: 'The product the session belongs to.' },
  use: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: 'Load a plugin from a file or package.',
  },
  'strict-config': { type: 'boolean', help: 'Unknown configuration keys are errors.' },
  color: { type: 'string', value: 'WHEN', help: 'always, never or auto.' },
  enable: {
    type: 'string',
    multiple: true,
    value: 'FEATURE',
    help: 'Same as -c features.FEATURE=true.',
  },
  disable: {
    type: 'string',
    multiple: true,
    value: 'FEATURE',
    help: 'Same as -c features.FEATURE=false.',
  },
  'add-dir': {
    type: 'string',
    multiple: true,
    value: 'DIR',
    help: 'A further folder that may be written in workspace-write.',
  },
  'dangerously-bypass-approvals-and-sandbox': {
    type: 'boolean',
    help: 'Run everything unasked and unconfined.',
  },
  'dangerously-bypass-hook-trust': { type: 'boolean', help: 'Run hooks that nobody has trusted.' },
  'ignore-user-config': { type: 'boolean', help: 'Leave config.toml of the home out.' },
} as const satisfies Record<string, Flag>

/** Further flags of `exec`. */
export const execFlags = {
  ...sessionFlags,
  json: { type: 'boolean', help: 'Print events as JSON Lines on stdout.' },
  image: {
    type: 'string',
    short: 'i',
    multiple: true,
    value: 'FILE…',
    help: 'Attach images; put -- before the prompt.',
  },
  'output-schema': { type: 'string', value: 'FILE', help: 'JSON Schema of the final answer.' },
  'output-last-message': {
    type: 'string',
    short: 'o',
    value: 'FILE',
    help: 'Write the final message to FILE.',
  },
  'skip-git-repo-check': { type: 'boolean', help: 'Allow a folder outside of a git repository.' },
  trust: { type: 'boolean', help: 'Trust this project, now and later.' },
  ephemeral: { type: 'boolean', help: 'Keep no record of the session.' },
  last: { type: 'boolean', help: 'resume: the newest session of this folder.' },
  all: { type: 'boolean', help: 'resume --last: of all folders.' },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
} as const satisfies Record<string, Flag>

export interface ParsedWords {
  readonly flags: { readonly [name: string]: string | boolean | readonly string[] | undefined }
  readonly words: readonly string[]
}

type Token =
  | { readonly kind: 'option'; readonly name: string; readonly value?: string | undefined }
  | { readonly kind: 'option-terminator' }
  | { readonly kind: 'positional'; readonly value: string }

/** Tells words from images: `--image` takes all that follows up to `--` or the next flag. */
function sortWords(tokens: readonly Token[]): {
  readonly words: readonly string[]
  readonly images: readonly string[]
} {
  const words: string[] = []
  const images: string[] = []
  let takesImages = false
  for (const token of tokens) {
    if (token.kind === 'positional') (takesImages ? images : words).push(token.value)
    else takesImages = token.kind === 'option' && token.name === 'image'
    if (token.kind === 'option' && takesImages && token.value !== undefined)
      images.push(token.value)
  }
  return { words, images }
}

/** Parses words by a table of flags. Wrong use is an error with code USAGE. */
export function parseWords(
  argv: readonly string[],
  table: Readonly<Record<string, Flag>>,
): ParsedWords {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, { type, short, multiple }] of Object.entries(table)) {
    options[name] = {
      type,
      ...(short === undefined ? {} : { short }),
      ...(multiple ? { multiple } : {}),
    }
  }
  const config = {
    args: [...argv],
    options,
    strict: true,
    allowPositionals: true,
    tokens: true,
  } as const
  try {
    const { values, tokens } = parseArgs(config)
    const { words, images } = sortWords(tokens)
    // Flags that may be repeated hold texts here.
    const flags = values as ParsedWords['flags']
    return { flags: images.length > 0 ? { ...flags, image: images } : flags, words }
  } catch (error) {
    const what = messageOf(error).split('. ')[0] ?? 'wrong use'
    throw new HooklineError('USAGE', what, { hint: hintFor(what, table), cause: error })
  }
}

function hintFor(fault: string, table: Readonly<Record<string, Flag>>): string {
  const wrong = /^Unknown option '--([\w-]+)'/.exec(fault)?.[1]
  const meant = wrong === undefined ? undefined : nearest(wrong, Object.keys(table))
  const help = 'add --help to the command to see its flags'
  return meant === undefined ? help : `did you mean --${meant}? ${help}`
}

/** The value of a flag that takes one text. */
export function textFlag({ flags }: ParsedWords, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** The values of a flag that may be given several times. */
export function listFlag({ flags }: ParsedWords, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? value : []
}
