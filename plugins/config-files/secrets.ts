import type { Secrets, SettingsLayer } from 'hookline'
import { isTable } from './project-forms.ts'

/** Keys that hold a credential itself. The names of variables that hold one end in `_env_var` or `_key`. */
const holdsSecret = /(^|[_-])(token|secret|password|authorization|api[_-]?key|cookie)$/i

/** Registers the credentials that stand in the files themselves. */
export function registerSecrets(layers: readonly SettingsLayer[], secrets: Secrets): void {
  for (const { values } of layers) registerIn(values, secrets)
}

function registerIn(table: Readonly<Record<string, unknown>>, secrets: Secrets): void {
  for (const [key, value] of Object.entries(table)) {
    if (isTable(value)) registerIn(value, secrets)
    else if (typeof value === 'string' && holdsSecret.test(key)) {
      secrets.add(value)
      const [, credential] = /^(?:Bearer|Basic|Token) +(\S.*)$/i.exec(value) ?? []
      if (credential !== undefined) secrets.add(credential)
    }
  }
}
