import { homedir } from 'node:os'
import { join } from 'node:path'
import type { InstructionPart, TapPoint } from 'hookline'
import { isInside } from 'hookline/kit'
import type { Dispatch } from './dispatch.ts'
import { occasions } from './occasions.ts'

/** Whose instructions a file holds, as hooks know it. */
function typeOf(file: string, home: string): 'User' | 'Project' {
  const isUsers = isInside(home, file) || isInside(join(homedir(), '.claude'), file)
  return isUsers ? 'User' : 'Project'
}

/** The files whose instructions are told for the first time. */
class NewFiles {
  readonly #known = new Set<string>()

  take(parts: readonly InstructionPart[]): readonly string[] {
    const found = parts.flatMap(({ files = [] }) => files).filter((file) => !this.#known.has(file))
    for (const file of found) this.#known.add(file)
    return found
  }
}

/** Fires InstructionsLoaded for every file that instructions are read from, once each. */
export function tapInstructions(
  instructions: TapPoint<'instructions'>,
  dispatch: Dispatch,
  home: string,
): void {
  const files = new NewFiles()
  let reason = 'session_start'
  // Last of all, when every plugin has added its part.
  instructions.tap(
    { name: 'InstructionsLoaded', stage: 'fallback', limit: 'own' },
    async (parts, call) => {
      const found = files.take(parts)
      const why = reason
      reason = 'nested_traversal'
      await Promise.all(
        found.map((file) =>
          dispatch.run(occasions.InstructionsLoaded(file, typeOf(file, home), why), call),
        ),
      )
    },
  )
}
