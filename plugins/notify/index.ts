import { definePlugin } from 'hookline'
import { notifyArgument } from './argument.ts'
import { notifySettings } from './settings.ts'
import { startProgram } from './start-program.ts'

/** Starts the user's own program after each turn that is done. */
export const notify = definePlugin({
  name: 'notify',
  settings: notifySettings,
  setup({ hooks, settings, session, secrets, log, signal }) {
    const [file, ...words] = settings.notify
    if (file === undefined) return
    hooks.turnEnd.tap('program', async (record) => {
      if (record.outcome !== 'completed') return
      const argument = notifyArgument(record, session, (text) => secrets.redact(text))
      const warn = (fault: string) => {
        if (!signal.aborted) log.warn(`notify: "${file}" ${fault}`)
      }
      await startProgram({ file, args: [...words, argument], cwd: record.facts.cwd, warn })
    })
  },
})
