import { HooklineError, isHooklineError, mergeValues } from 'hookline'
import type { SettingsLayer } from 'hookline'
import { parseToml } from 'hookline/kit'
import { codexKeys } from './codex-keys.ts'

/** The layer of the command line: `-c key=value` in their order, then the flags that stand for a setting. */
export function commandLine(
  overrides: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): SettingsLayer | undefined {
  const parts = [...overrides.map(parseOverride), flags]
  // Tables merged with tables give a table.
  const values = parts.reduce<unknown>(mergeValues, {}) as Record<string, unknown>
  return Object.keys(values).length > 0
    ? { name: 'command line', values, ignoredKeys: codexKeys }
    : undefined
}

/** Reads `a.b."c.d"=value`. A value that is not TOML is taken as the text it is. */
export function parseOverride(text: string): Record<string, unknown> {
  const [key, equals] = keyEnd(text)
  if (!equals) {
    throw new HooklineError('CONFIG_INVALID', `Invalid override (missing '='): ${text}`, {
      hint: 'write -c key=value',
    })
  }
  const path = key.match(segment)?.map(unquote) ?? []
  if (path.length === 0 || path.includes('')) {
    throw new HooklineError('CONFIG_INVALID', `Invalid override (empty key): ${text}`, {
      hint: 'write -c key=value',
    })
  }
  const value = parseValue(text.slice(key.length + 1).trim())
  return path.reduceRight<Record<string, unknown>>((inner, name, index) => {
    return { [name]: index === path.length - 1 ? value : inner }
  }, {})
}

/** A segment of a dotted key: quoted in either way, or all up to the next dot, or nothing where a dot wants one. */
const segment = /\s*(?:"(?:[^"\\]|\\.)*"|'[^']*')\s*|[^.]+|(?<=\.)(?=\.|$)|^(?=\.)/g

/** The key, and whether an equals sign outside of quotes follows it. */
function keyEnd(text: string): readonly [string, boolean] {
  const key = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^=])*/.exec(text)?.[0] ?? ''
  return [key, text[key.length] === '=']
}

function unquote(part: string): string {
  const name = part.trim()
  if (name.startsWith("'")) return name.slice(1, -1)
  return name.startsWith('"') ? String(parseValue(name)) : name
}

/** Words that no TOML value looks like: a parser that fails costs more than all the rest. */
const bareWord = /^(?!(?:true|false|inf|nan)$)[A-Za-z][\w./-]*$/

function parseValue(text: string): unknown {
  if (bareWord.test(text)) return text
  try {
    const { values } = parseToml(`value = ${text}`, '-c')
    // More than one key: the text had line breaks and went on with keys of its own.
    return Object.keys(values).length === 1 ? values['value'] : text
  } catch (error) {
    if (isHooklineError(error)) return text
    throw error
  }
}
