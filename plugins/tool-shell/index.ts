import { definePlugin, sessionEnvKey, toolKey } from 'hookline'
import { baseEnvironment, credentialNames } from './environment.ts'
import { execCommandTool, type ShellParts } from './exec-command.ts'
import { ProcessTable } from './process-table.ts'
import { shellSettings } from './settings.ts'
import { defaultShell } from './shell-words.ts'
import { writeStdinTool } from './write-stdin.ts'

/** Makes a value when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Gives the model a shell: `exec_command`, and `write_stdin` for commands that run on. */
export const toolShell = definePlugin({
  name: 'tool-shell',
  power: 'shape',
  settings: shellSettings,
  reads: ['model_providers'],
  setup({ services, settings, log }) {
    const table = new ProcessTable()
    const base = once(() => {
      const { variables, withheld } = baseEnvironment(
        settings.shell_environment_policy,
        process.env,
        credentialNames(settings.model_providers),
      )
      if (withheld.length > 0)
        log.info(`commands do not see ${withheld.join(', ')} (shell_environment_policy)`)
      return variables
    })
    const parts: ShellParts = {
      table,
      patchTool: () => services.find(toolKey, 'apply_patch'),
      limits: {
        allowLogin: settings.allow_login_shell,
        longestPollMs: settings.background_terminal_max_timeout,
      },
      shell: once(() => defaultShell(process.env['SHELL'])),
      environment: () => services.find(sessionEnvKey, 'default')?.apply(base()) ?? base(),
    }
    services.provide(toolKey, 'exec_command', () => execCommandTool(parts))
    services.provide(toolKey, 'write_stdin', () => writeStdinTool(parts))
    return () => table.close()
  },
})
