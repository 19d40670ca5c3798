import { shellQuote } from 'hookline/kit'
import { isJson, textIn, type Json, type RecordedCall } from './recorded-session.ts'

/** A call in the words of hooks: what matchers and stdin see. */
export type ToolView = Pick<RecordedCall, 'toolName' | 'aliases' | 'input'>

const patchNames = ['Edit', 'Write', 'MultiEdit']

/** Words as one command line. What was given to a shell to run is that text. */
function commandLine(words: unknown): string | undefined {
  if (typeof words === 'string') return words
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) return undefined
  const [shell = '', flag = '', script] = words
  const isShell = /(^|\/)(ba|z|da)?sh$/.test(shell) && /^-\w*c$/.test(flag)
  return isShell && script !== undefined ? script : words.map(shellQuote).join(' ')
}

function ofShell(command: unknown, input: Json): ToolView {
  return {
    toolName: 'Bash',
    aliases: [],
    input: { command: commandLine(command) ?? JSON.stringify(input) },
  }
}

function ofPatch(command: string): ToolView {
  return { toolName: 'apply_patch', aliases: patchNames, input: { command } }
}

/** The names of tools that run a command, with the argument that holds it. */
const shells: Readonly<Record<string, string>> = {
  exec_command: 'cmd',
  shell: 'command',
  shell_command: 'command',
  'container.exec': 'command',
  local_shell: 'command',
}

function patchIn(input: unknown): string {
  if (typeof input === 'string') return input
  const fields = isJson(input) ? input : {}
  return textIn(fields, 'input') ?? textIn(fields, 'patch') ?? ''
}

/** The tools that hooks know under another name or with another input; undefined: as they are. */
function ofBuiltIn(name: string, input: unknown): ToolView | undefined {
  const fields = isJson(input) ? input : {}
  const argument = shells[name]
  if (argument !== undefined) return ofShell(fields[argument], fields)
  return name === 'apply_patch' ? ofPatch(patchIn(input)) : undefined
}

/** Waiting for more output of a command is no call to hooks. */
function isPoll(name: string, input: unknown): boolean {
  return name === 'write_stdin' && (!isJson(input) || (textIn(input, 'chars') ?? '') === '')
}

/** A call as the wire of the model has it, for hooks; undefined where hooks are not asked about it. */
export function viewOfWire(
  name: string,
  namespace: string | undefined,
  input: unknown,
): ToolView | undefined {
  if (namespace === undefined) {
    if (isPoll(name, input)) return undefined
    return ofBuiltIn(name, input) ?? { toolName: name, aliases: [], input }
  }
  const isMcp = namespace.startsWith('mcp__') && !namespace.endsWith('__')
  return { toolName: `${namespace}${isMcp ? '__' : ''}${name}`, aliases: [], input }
}

const lines = (sign: string, text: string) => text.split('\n').map((line) => `${sign}${line}`)

/** One edit of a Claude Code tool as a piece of a patch. */
function hunk(edit: Json): readonly string[] {
  const [before, after] = [textIn(edit, 'old_string') ?? '', textIn(edit, 'new_string') ?? '']
  return [
    '@@',
    ...(before === '' ? [] : lines('-', before)),
    ...(after === '' ? [] : lines('+', after)),
  ]
}

function patchOf(name: string, input: Json): string | undefined {
  const path = textIn(input, 'file_path')
  if (path === undefined) return undefined
  const edits = Array.isArray(input['edits']) ? input['edits'].filter(isJson) : [input]
  const body =
    name === 'Write'
      ? [`*** Add File: ${path}`, ...lines('+', textIn(input, 'content') ?? '')]
      : [`*** Update File: ${path}`, ...edits.flatMap(hunk)]
  return ['*** Begin Patch', ...body, '*** End Patch'].join('\n')
}

/**
 * A call of a Claude Code session, for hooks. Edits are what a patch is here, so they can be matched as one and have
 * the patch beside their own fields.
 */
export function viewOfClaude(name: string, input: unknown): ToolView {
  const patch = isJson(input) && patchNames.includes(name) ? patchOf(name, input) : undefined
  if (patch === undefined || !isJson(input)) return { toolName: name, aliases: [], input }
  return { toolName: name, aliases: ['apply_patch'], input: { ...input, command: patch } }
}
