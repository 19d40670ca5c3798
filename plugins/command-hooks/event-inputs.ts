import type { Dialect } from './dialect.ts'
import { EventInput } from './handler-run.ts'
import { inputOf, type InputFacts, type Occasion } from './input.ts'

/** What one firing tells its handlers, in the words of each dialect; made when it is first asked for. */
export class EventInputs {
  readonly #occasion: Occasion
  readonly #facts: InputFacts
  readonly #rewrite: { readonly input: unknown } | undefined
  readonly #made = new Map<Dialect, EventInput>()

  constructor(occasion: Occasion, facts: InputFacts, rewrite?: { readonly input: unknown }) {
    this.#occasion = occasion
    this.#facts = facts
    this.#rewrite = rewrite
  }

  of(dialect: Dialect): EventInput {
    const known = this.#made.get(dialect)
    if (known) return known
    const fields = inputOf(this.#occasion, this.#facts, dialect)
    const made = new EventInput(
      this.#rewrite ? { ...fields, tool_input: this.#rewrite.input } : fields,
    )
    this.#made.set(dialect, made)
    return made
  }

  /** The same with another input for the tool. */
  rewritten(input: unknown): EventInputs {
    return new EventInputs(this.#occasion, this.#facts, { input })
  }
}
