import { lazySetting } from 'hookline'

/** `[shell_environment_policy]`, in the words of the file. */
export interface EnvironmentPolicy {
  readonly inherit?: 'all' | 'core' | 'none' | undefined
  readonly ignore_default_excludes?: boolean | undefined
  readonly exclude?: readonly string[] | undefined
  readonly set?: Readonly<Record<string, string>> | undefined
  readonly include_only?: readonly string[] | undefined
  readonly experimental_use_profile?: boolean | undefined
}

const loadSchemas = () => import('./settings-schema.ts')

/** The configuration keys of the plugin. */
export const shellSettings = {
  shell_environment_policy: lazySetting<EnvironmentPolicy>({
    fallback: {},
    schema: async () => (await loadSchemas()).shellSchemas.shell_environment_policy,
  }),
  allow_login_shell: lazySetting<boolean>({
    fallback: true,
    accepts: (value) => typeof value === 'boolean',
    schema: async () => (await loadSchemas()).shellSchemas.allow_login_shell,
  }),
  background_terminal_max_timeout: lazySetting<number>({
    fallback: 300_000,
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    schema: async () => (await loadSchemas()).shellSchemas.background_terminal_max_timeout,
  }),
}
