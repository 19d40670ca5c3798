import type { Dialect } from './dialect.ts'
import { EventInput } from './handler-run.ts'
import { inputOf, type InputFacts, type Occasion } from './input.ts'

/** What one firing tells its handlers, in the words of each dialect; made when it is first asked for. */
export class EventInputs {
  readonly #occasion: Occasion
  readonly #facts: InputFacts
  readonly #made = new Map<Dialect, EventInput>()

  constructor(occasion: Occasion, facts: InputFacts) {
    this.#occasion = occasion
    this.#facts = facts
  }

  of(dialect: Dialect): EventInput {
    const known = this.#made.get(dialect)
    if (known) return known
    const made = new EventInput(inputOf(this.#occasion, this.#facts, dialect))
    this.#made.set(dialect, made)
    return made
  }
}
