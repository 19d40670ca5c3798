import { basename } from 'node:path'
import { definePlugin, type InstructionPart } from 'hookline'
import { contextText } from './context-text.ts'
import { environmentSettings } from './settings.ts'
import { localDate, timeZone } from './time-zone.ts'

/** Commands run in the user's shell only where it speaks the shell language. */
function shellName(shell: string | undefined): string {
  const name = basename(shell ?? '')
  return name === 'zsh' || name === 'sh' ? name : 'bash'
}

/** Tells the model where it works: folder, shell, date, time zone and what it may reach. */
export const environmentContext = definePlugin({
  name: 'environment-context',
  power: 'shape',
  settings: environmentSettings,
  setup({ hooks, settings }) {
    if (!settings.include_environment_context) return
    hooks.instructions.tap('environment', async (parts, { turn }) => {
      if (!turn) return undefined
      const text = contextText({
        cwd: turn.cwd,
        shell: shellName(process.env['SHELL']),
        date: localDate(new Date()),
        timeZone: await timeZone(process.env),
        sandbox: turn.sandbox,
        temporaryFolder: process.env['TMPDIR'],
      })
      const part: InstructionPart = { kind: 'environment_context', role: 'user', text }
      return [...parts, part]
    })
  },
})
