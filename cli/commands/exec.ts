import { readFileSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import {
  definePlugin,
  HooklineError,
  messageOf,
  type AnyPlugin,
  type LogLine,
  type Session,
  type SessionOptions,
  type TurnRecord,
} from 'hookline'
import { isRepository, isTrusted, projectRoot, writeFileAtomic } from 'hookline/kit'
import { execFlags, listFlag, parseWords, textFlag, type ParsedWords } from '../exec-flags.ts'
import { folderOf, openHost, type Assembly } from '../open-session.ts'
import { watchForStops, type Stops } from '../signals.ts'
import { execOutput, type ExecOutput } from './exec-output.ts'
import { promptOf, promptText } from './exec-prompt.ts'

interface Wanted {
  readonly parsed: ParsedWords
  readonly prompt: string | undefined
  readonly resume: SessionOptions['resume']
}

function wantedBy(parsed: ParsedWords): Wanted {
  const [first, ...rest] = parsed.words
  if (first === 'fork' || first === 'review') {
    throw new HooklineError('USAGE', `exec ${first} is not available in this version`, {
      hint: 'use exec or exec resume',
    })
  }
  if (first !== 'resume') {
    if (rest.length > 0)
      throw new HooklineError('USAGE', `unexpected argument "${rest[0]}"`, {
        hint: 'quote the prompt',
      })
    return { parsed, prompt: first, resume: undefined }
  }
  const last = parsed.flags['last'] === true
  const [id, prompt, extra] = last ? [undefined, ...rest] : rest
  if (extra !== undefined)
    throw new HooklineError('USAGE', `unexpected argument "${extra}"`, { hint: 'quote the prompt' })
  if (last)
    return { parsed, prompt, resume: { last: true, anyFolder: parsed.flags['all'] === true } }
  if (id === undefined)
    throw new HooklineError('USAGE', 'exec resume needs a session id and a prompt', {
      hint: 'or --last for the newest session',
    })
  return { parsed, prompt, resume: id }
}

function outputSchema(parsed: ParsedWords): Readonly<Record<string, unknown>> | undefined {
  const file = textFlag(parsed, 'output-schema')
  if (file === undefined) return undefined
  const fault = (what: string, cause?: unknown) =>
    new HooklineError('OUTPUT_SCHEMA_INVALID', `output schema ${file} ${what}`, {
      hint: 'give a file with a JSON Schema object',
      cause,
    })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw fault(
      error instanceof SyntaxError
        ? `is not valid JSON: ${error.message}`
        : `cannot be read: ${messageOf(error)}`,
      error,
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fault('is not an object')
  // Any JSON object has text keys.
  return value as Readonly<Record<string, unknown>>
}

function asksForHelp({ flags, words }: ParsedWords): boolean {
  return flags['help'] === true || (words.length === 1 && words[0] === 'help')
}

/** Refuses folders that are neither trusted nor below version control, before anything is started there. */
function folderCheck({ parsed }: Wanted, cwd: string): AnyPlugin {
  return definePlugin({
    name: 'exec-folder-check',
    power: 'decide',
    reads: ['projects', 'sandbox_mode'],
    setup({ settings }) {
      const { flags } = parsed
      if (
        flags['skip-git-repo-check'] ||
        flags['dangerously-bypass-approvals-and-sandbox'] ||
        flags['trust']
      )
        return
      const root = projectRoot(cwd, ['.git'])
      if (isRepository(root) || isTrusted(settings.projects, root, cwd)) return
      throw new HooklineError(
        'PROJECT_UNTRUSTED',
        `${cwd} is neither a trusted folder nor in a git repository`,
        {
          hint: 'pass --skip-git-repo-check, or --trust to trust it from now on',
        },
      )
    },
  })
}

function toStderr(text: string): void {
  process.stderr.write(`${text}\n`)
}

function sessionOptions({ parsed, resume }: Wanted, cwd: string): SessionOptions {
  const product = textFlag(parsed, 'product')
  const schema = outputSchema(parsed)
  return {
    cwd,
    source: textFlag(parsed, 'session-source') ?? 'exec',
    ...(product === undefined ? {} : { product }),
    ephemeral: parsed.flags['ephemeral'] === true,
    strictConfig: parsed.flags['strict-config'] === true,
    ...(resume === undefined ? {} : { resume }),
    ...(schema ? { outputSchema: schema } : {}),
  }
}

/** `hookline exec`: one turn until the agent is done. Resolves to the exit code. */
export async function execCommand(
  argv: readonly string[],
  assembly: Assembly = {},
): Promise<number> {
  const parsed = parseWords(argv, execFlags)
  if (asksForHelp(parsed)) return (await import('../help.ts')).printExecHelp()
  let session: Session | undefined
  using stops = watchForStops(({ reason, exitCode, error }) => {
    if (session) void session.interrupt(reason)
    // An error waits for the session: it is told when there is one, or by what failed because of it.
    else if (!error) process.exit(exitCode)
  })
  const wanted = wantedBy(parsed)
  const cwd = folderOf(parsed)
  const options = sessionOptions(wanted, cwd)
  const text = await promptText(wanted.prompt, toStderr)
  const output = execOutput({ parsed, prompt: text, cwd, resumed: wanted.resume !== undefined })
  const host = openHost({
    parsed,
    forced: { approval_policy: 'never' },
    assembly,
    more: [folderCheck(wanted, cwd), output.plugin],
    log: (line: LogLine) => {
      if (line.level === 'notice') toStderr(`notice: ${line.message}`)
    },
  })
  if (parsed.flags['trust'])
    await (
      await import('hookline/plugins/config-files')
    ).trustProject(host.home, projectRoot(cwd, ['.git']))
  session = await host.session(options)
  const record = await runTurn({ session, text, parsed, output, stops })
  if (stops.first?.error) throw stops.first.error
  if (stops.first) return stops.first.exitCode
  if (record?.error) throw record.error
  return 0
}

interface Run {
  readonly session: Session
  readonly text: string
  readonly parsed: ParsedWords
  readonly output: ExecOutput
  readonly stops: Stops
}

/** Runs the turn and closes the session; the stream ends properly whatever happens meanwhile. */
async function runTurn({
  session,
  text,
  parsed,
  output,
  stops,
}: Run): Promise<TurnRecord | undefined> {
  const endStream = () => output.end(stops.first?.reason)
  process.once('exit', endStream)
  try {
    if (stops.first) return undefined
    const record = await session.run(promptOf(text, listFlag(parsed, 'image'))).done
    if (!record.error) await deliver(record.lastMessage, parsed)
    return record
  } finally {
    await session.close()
    endStream()
    process.off('exit', endStream)
  }
}

/** Hands over the final message: on stdout, and in the file that was asked for. */
async function deliver(message: string | undefined, parsed: ParsedWords): Promise<void> {
  if (parsed.flags['json'] !== true && message !== undefined) {
    const { promise, resolve } = Promise.withResolvers<void>()
    process.stdout.write(`${message}\n`, () => resolve())
    await promise
  }
  const file = textFlag(parsed, 'output-last-message')
  if (file !== undefined) await writeMessage(file, message ?? '')
}

/** A device or a pipe is written to; only a file is replaced. */
async function writeMessage(file: string, message: string): Promise<void> {
  const there = await stat(file).catch(() => undefined)
  if (!there || there.isFile() || there.isDirectory()) return writeFileAtomic(file, message)
  try {
    await writeFile(file, message)
  } catch (error) {
    throw new HooklineError('FILE_WRITE_FAILED', `cannot write "${file}": ${messageOf(error)}`, {
      hint: 'choose another file for the final message',
      cause: error,
    })
  }
}
