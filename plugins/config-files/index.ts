import { definePlugin } from 'hookline'
import type { AnyPlugin } from 'hookline'
import { readLayers, systemFile } from './layers.ts'
import { registerSecrets } from './secrets.ts'

export { projectTrust, trustProject } from './trust.ts'
export type { ProjectTrust } from './trust.ts'

/** What the command line says about settings. */
export interface ConfigFilesOptions {
  /** `-p NAME`: `NAME.config.toml` of the home comes on top of `config.toml`. */
  readonly profile?: string
  /** `-c key=value`, as given. */
  readonly overrides?: readonly string[]
  /** Settings that flags stand for, by their names in the file; they win over `overrides`. */
  readonly flags?: Readonly<Record<string, unknown>>
  /** Leaves the `config.toml` of the home out, and with it what it says about trust. */
  readonly ignoreUserConfig?: boolean
}

/**
 * Reads the settings of the machine, the user, a profile, the project and the command line, weakest first.
 * They lose to the layers that are there already: those are given by the program itself.
 */
export function configFiles(options: ConfigFilesOptions = {}): AnyPlugin {
  return definePlugin({
    name: 'config-files',
    power: 'shape',
    phase: 'bootstrap',
    setup({ hooks, log, secrets, session: { home, cwd } }) {
      hooks.configure.tap('files', async (given) => {
        const { layers, notice } = await readLayers({
          ...options,
          systemFile,
          home,
          cwd,
          given: given.active(),
        })
        registerSecrets(layers, secrets)
        if (notice !== undefined) log.notice(notice)
        return given.addBelow(...layers)
      })
    },
  })
}
