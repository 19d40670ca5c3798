import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { definePlugin, HooklineError, messageOf, type AnyPlugin, type LogLine, type SessionOptions, type SessionEvent, type TurnRecord } from 'hookline'
import { isTrusted, projectRoot, writeFileAtomic } from 'hookline/kit'
import { execFlags, listFlag, parseWords, textFlag, type ParsedWords } from '../exec-flags.ts'
import { folderOf, openHost, type Assembly } from '../open-session.ts'
import { eventLines } from '../render/json-events.ts'
import { textRenderer } from '../render/text-events.ts'
import { stopOnSignals } from '../signals.ts'
import { version } from '../version.ts'
import { limitYoungHeap } from '../young-heap.ts'
import { promptOf, promptText } from './exec-prompt.ts'

interface Wanted {
  readonly parsed: ParsedWords
  readonly prompt: string | undefined
  readonly resume: SessionOptions['resume']
}

function wantedBy(parsed: ParsedWords): Wanted {
  const [first, ...rest] = parsed.words
  if (first === 'fork' || first === 'review') {
    throw new HooklineError('USAGE', `exec ${first} is not available in this version`, { hint: 'use exec or exec resume' })
  }
  if (first !== 'resume') {
    if (rest.length > 0) throw new HooklineError('USAGE', `unexpected argument "${rest[0]}"`, { hint: 'quote the prompt' })
    return { parsed, prompt: first, resume: undefined }
  }
  const last = parsed.flags['last'] === true
  const [id, prompt, extra] = last ? [undefined, ...rest] : rest
  if (extra !== undefined) throw new HooklineError('USAGE', `unexpected argument "${extra}"`, { hint: 'quote the prompt' })
  if (last) return { parsed, prompt, resume: { last: true, anyFolder: parsed.flags['all'] === true } }
  if (id === undefined) throw new HooklineError('USAGE', 'exec resume needs a session id and a prompt', { hint: 'or --last for the newest session' })
  return { parsed, prompt, resume: id }
}

function outputSchema(parsed: ParsedWords): Readonly<Record<string, unknown>> | undefined {
  const file = textFlag(parsed, 'output-schema')
  if (file === undefined) return undefined
  const fault = (what: string, cause?: unknown) =>
    new HooklineError('OUTPUT_SCHEMA_INVALID', `output schema ${file} ${what}`, { hint: 'give a file with a JSON Schema object', cause })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw fault(error instanceof SyntaxError ? `is not valid JSON: ${error.message}` : `cannot be read: ${messageOf(error)}`, error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('is not an object')
  // Any JSON object has text keys.
  return value as Readonly<Record<string, unknown>>
}

/** Refuses folders that are neither trusted nor below version control, before anything is started there. */
function folderCheck({ parsed }: Wanted, cwd: string): AnyPlugin {
  return definePlugin({
    name: 'exec-folder-check',
    power: 'decide',
    reads: ['projects', 'sandbox_mode'],
    setup({ settings }) {
      const { flags } = parsed
      if (flags['skip-git-repo-check'] || flags['dangerously-bypass-approvals-and-sandbox'] || flags['trust']) return
      const root = projectRoot(cwd, ['.git'])
      if (existsSync(join(root, '.git')) || isTrusted(settings.projects, root, cwd)) return
      throw new HooklineError('PROJECT_UNTRUSTED', `${cwd} is neither a trusted folder nor in a git repository`, {
        hint: 'pass --skip-git-repo-check, or --trust to trust it from now on',
      })
    },
  })
}

function bannerFor(wanted: Wanted, facts: { readonly model: string; readonly provider: string; readonly sandbox: string; readonly cwd: string }, id: string): readonly string[] {
  return [
    `hookline v${version}`,
    '--------',
    `workdir: ${facts.cwd}`,
    `model: ${facts.model}`,
    `provider: ${facts.provider}`,
    `sandbox: ${facts.sandbox}`,
    `session id: ${id}`,
    ...(wanted.resume === undefined ? [] : ['resumed']),
    '--------',
  ]
}

function outputPlugin(wanted: Wanted, prompt: string, cwd: string): AnyPlugin {
  const json = wanted.parsed.flags['json'] === true
  const when = textFlag(wanted.parsed, 'color') ?? 'auto'
  const color = when === 'always' || (when === 'auto' && process.stderr.isTTY && !process.env['NO_COLOR'])
  return definePlugin({
    name: json ? 'render-json' : 'render-text',
    reads: ['model_provider', 'sandbox_mode', 'model'],
    setup({ hooks, settings }) {
      hooks.toolBatch.tap('memory', limitYoungHeap)
      if (json) {
        hooks.event.tap('lines', (event: SessionEvent) => {
          for (const line of eventLines(event)) process.stdout.write(`${JSON.stringify(line)}\n`)
        })
        return
      }
      const facts = { cwd, model: settings.model ?? 'default', provider: settings.model_provider, sandbox: settings.sandbox_mode ?? 'read-only' }
      const renderer = textRenderer({ color, prompt, banner: (id) => bannerFor(wanted, facts, id), write: (text) => process.stderr.write(text) })
      hooks.event.tap('text', (event: SessionEvent) => renderer.take(event))
    },
  })
}

function toStderr(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** `hookline exec`: one turn until the agent is done. Resolves to the exit code. */
export async function execCommand(argv: readonly string[], assembly: Assembly = {}): Promise<number> {
  const parsed = parseWords(argv, execFlags)
  if (parsed.flags['help']) return (await import('../help.ts')).printExecHelp()
  const wanted = wantedBy(parsed)
  const cwd = folderOf(parsed)
  const schema = outputSchema(parsed)
  const text = await promptText(wanted.prompt, toStderr)
  const output = outputPlugin(wanted, text, cwd)
  const host = openHost({
    parsed,
    forced: { approval_policy: 'never' },
    assembly,
    more: [folderCheck(wanted, cwd), output],
    log: (line: LogLine) => {
      if (line.level === 'notice') toStderr(`notice: ${line.message}`)
    },
  })
  if (parsed.flags['trust']) await (await import('hookline/plugins/config-files')).trustProject(host.home, projectRoot(cwd, ['.git']))
  const session = await host.session({
    cwd,
    source: textFlag(parsed, 'session-source') ?? 'exec',
    ...(textFlag(parsed, 'product') === undefined ? {} : { product: textFlag(parsed, 'product') ?? '' }),
    ephemeral: parsed.flags['ephemeral'] === true,
    strictConfig: parsed.flags['strict-config'] === true,
    ...(wanted.resume === undefined ? {} : { resume: wanted.resume }),
    ...(schema ? { outputSchema: schema } : {}),
  })
  const signals = stopOnSignals((name) => session.interrupt(`stopped by ${name}`))
  try {
    const record = await session.run(promptOf(text, listFlag(parsed, 'image'))).done
    return await report(record, parsed, signals.exitCode())
  } finally {
    await session.close()
    signals[Symbol.dispose]()
  }
}

async function report(record: TurnRecord, parsed: ParsedWords, signalCode: number | undefined): Promise<number> {
  if (record.error) {
    if (signalCode !== undefined) return signalCode
    throw record.error
  }
  const last = record.lastMessage ?? ''
  if (parsed.flags['json'] !== true && record.lastMessage !== undefined) process.stdout.write(`${last}\n`)
  const file = textFlag(parsed, 'output-last-message')
  if (file !== undefined) await writeFileAtomic(file, last)
  return signalCode ?? 0
}
