import { definePlugin, HooklineError, type AnyPlugin, type SessionEvent } from 'hookline'
import { textFlag, type ParsedWords } from '../exec-flags.ts'
import { eventLines } from '../render/json-events.ts'
import { textRenderer } from '../render/text-events.ts'
import { version } from '../version.ts'
import { limitYoungHeap } from '../young-heap.ts'

/** How `exec` shows a session. */
export interface ExecOutput {
  readonly plugin: AnyPlugin
  /** Closes the stream, once. `reason` is why the turn ends, where it has not told that itself. */
  end(reason?: string): void
}

/** What the output is told before there is a session. */
export interface OutputFacts {
  readonly parsed: ParsedWords
  readonly prompt: string
  readonly cwd: string
  readonly resumed: boolean
}

/** The front end that the flags ask for: text for a person on stderr, or JSON Lines on stdout. */
export function execOutput(facts: OutputFacts): ExecOutput {
  const color = usesColor(facts.parsed)
  return facts.parsed.flags['json'] === true ? jsonOutput() : textOutput(facts, color)
}

function usesColor(parsed: ParsedWords): boolean {
  const when = textFlag(parsed, 'color') ?? 'auto'
  if (when === 'auto') return process.stderr.isTTY && !process.env['NO_COLOR']
  if (when === 'always' || when === 'never') return when === 'always'
  throw new HooklineError('USAGE', `--color does not know "${when}"`, {
    hint: 'use always, never or auto',
  })
}

function writeLines(lines: readonly object[]): void {
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The line that ends the turn is held back until the session has closed, so that it is the last one. */
function jsonOutput(): ExecOutput {
  let ending: readonly object[] = []
  let state: 'before' | 'open' | 'closed' = 'before'
  const take = (event: SessionEvent) => {
    if (state === 'closed') return
    if (event.type === 'turn_started') state = 'open'
    if (event.type === 'turn_completed' || event.type === 'turn_failed') ending = eventLines(event)
    else writeLines(eventLines(event))
  }
  return {
    plugin: definePlugin({
      name: 'render-json',
      power: 'shape',
      setup({ hooks }) {
        hooks.toolBatch.tap('memory', limitYoungHeap)
        hooks.event.tap('lines', take)
      },
    }),
    end(reason) {
      if (state === 'open') writeLines(ending.length > 0 ? ending : eventLines(cutOff(reason)))
      state = 'closed'
    },
  }
}

function cutOff(reason = 'the process ended'): SessionEvent {
  return {
    type: 'turn_failed',
    turnId: '',
    error: { code: 'TURN_INTERRUPTED', message: reason },
    interrupted: true,
  }
}

function textOutput(facts: OutputFacts, color: boolean): ExecOutput {
  const plugin = definePlugin({
    name: 'render-text',
    power: 'shape',
    reads: ['model_provider', 'sandbox_mode', 'model'],
    setup({ hooks, settings, secrets }) {
      hooks.toolBatch.tap('memory', limitYoungHeap)
      const banner = (id: string) => [
        `hookline v${version}`,
        '--------',
        `workdir: ${facts.cwd}`,
        `model: ${settings.model ?? 'default'}`,
        `provider: ${settings.model_provider}`,
        `sandbox: ${settings.sandbox_mode ?? 'read-only'}`,
        `session id: ${id}`,
        ...(facts.resumed ? ['resumed'] : []),
        '--------',
      ]
      const write = (text: string) => void process.stderr.write(secrets.redact(text))
      const renderer = textRenderer({ color, prompt: facts.prompt, banner, write })
      hooks.event.tap('text', (event: SessionEvent) => renderer.take(event))
    },
  })
  return { plugin, end: () => {} }
}
