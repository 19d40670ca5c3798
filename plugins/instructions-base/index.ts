import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { definePlugin, HooklineError, messageOf, type InstructionPart } from 'hookline'
import { baseInstructions } from './base-text.ts'
import { instructionsSettings } from './settings.ts'

async function readInstructions(path: string): Promise<string> {
  const hint = 'set model_instructions_file to a text file, or remove it'
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const message = `model_instructions_file "${path}" cannot be read: ${messageOf(error)}`
    throw new HooklineError('CONFIG_INVALID', message, { hint, cause: error })
  }
  if (text.trim() !== '') return text
  throw new HooklineError('CONFIG_INVALID', `model_instructions_file "${path}" is empty`, { hint })
}

/** Tells the model first what it is and how it works here; settings may put other words in its place. */
export const instructionsBase = definePlugin({
  name: 'instructions-base',
  power: 'shape',
  settings: instructionsSettings,
  async setup({ hooks, settings, session }) {
    const file = settings.model_instructions_file
    const text =
      file === undefined
        ? (settings.instructions ?? baseInstructions)
        : await readInstructions(resolve(session.home, file))
    const own: InstructionPart[] = [{ kind: 'base', role: 'developer', text }]
    const further = settings.developer_instructions
    if (further !== undefined) {
      own.push({ kind: 'developer_instructions', role: 'developer', text: further })
    }
    hooks.instructions.tap({ name: 'base', stage: 'early' }, (parts) => [...own, ...parts])
  },
})
