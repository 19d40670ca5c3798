import { styleText } from 'node:util'
import type { SessionEvent } from 'hookline'
import { commandTitle, itemLines, type Line } from './text-items.ts'

/** What text mode writes: progress on stderr, so that stdout holds the final message alone. */
export interface TextRenderer {
  take(event: SessionEvent): void
}

export interface TextOptions {
  readonly color: boolean
  /** Lines shown before the first turn. */
  banner(sessionId: string): readonly string[]
  readonly prompt: string
  write(text: string): void
}

/** Renders a session as text for a person. */
export function textRenderer(options: TextOptions): TextRenderer {
  const started = new Map<string, number>()
  const line = (pieces: Line) => {
    const texts = pieces.map((piece) => {
      if (typeof piece === 'string') return piece
      return options.color
        ? styleText(piece.style, piece.text, { validateStream: false })
        : piece.text
    })
    options.write(`${texts.join('')}\n`)
  }

  function complete(
    item: Extract<SessionEvent, { readonly type: 'item_completed' }>['item'],
  ): void {
    const began = started.get(item.id)
    if (item.type === 'command_execution' && began === undefined) line(commandTitle(item))
    const ms = began === undefined ? 0 : Math.round(performance.now() - began)
    for (const pieces of itemLines(item, ms)) line(pieces)
    started.delete(item.id)
  }

  return {
    take(event) {
      switch (event.type) {
        case 'session_started':
          for (const text of options.banner(event.sessionId)) line([text])
          line([{ style: 'cyan', text: 'user' }])
          line([options.prompt])
          return
        case 'item_started':
          started.set(event.item.id, performance.now())
          if (event.item.type === 'command_execution') line(commandTitle(event.item))
          return
        case 'item_completed':
          complete(event.item)
          return
        case 'retrying':
          line([{ style: 'yellow', text: event.message }])
          return
        case 'turn_completed': {
          const { inputTokens, cachedInputTokens, outputTokens } = event.usage
          line([
            {
              style: 'dim',
              text: `tokens used: ${inputTokens - cachedInputTokens + outputTokens}`,
            },
          ])
          return
        }
        case 'turn_failed':
          // Any other failure is told by the command when it ends.
          if (event.interrupted) line([{ style: 'red', text: event.error.message }])
          return
        case 'turn_started':
        case 'item_updated':
      }
    },
  }
}
