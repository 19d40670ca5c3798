import type { ScriptWork } from './handler-work.ts'
import type { Declared } from './hooks-file.ts'
import type { ProblemCode } from './problems.ts'
import { readScriptText, type ScriptText } from './script-text.ts'
import type { HookSource } from './sources.ts'
import type { UrlTest } from './url-allow-list.ts'

/** What a handler finds where it is to run. */
export interface Found {
  readonly script?: ScriptText
  /** Why it cannot run here, although nothing is wrong with its words. Goes on after "it". */
  readonly fault?: string
  readonly code?: ProblemCode
}

function urlFault(url: string, isAllowed: UrlTest): Found {
  if (isAllowed(url)) return {}
  const place = URL.parse(url)?.origin ?? 'an address'
  const fault = `sends to ${place}, which allowed_http_hook_urls of your settings does not list`
  return { code: 'HookUrlNotAllowed', fault }
}

function modelFault({ dialect }: HookSource): Found {
  if (dialect === 'claude') return {}
  const fault = `asks a model, which the dialect "${dialect}" does not do; say "dialect": "claude" in the file`
  return { code: 'HookTypeUnsupported', fault }
}

function scriptOf(work: ScriptWork, source: HookSource): Found {
  const read = readScriptText(work, source)
  return 'fault' in read ? { code: 'HookHandlerInvalid', ...read } : { script: read }
}

/** Looks at what a handler needs beside its own words. */
export function lookAround({ work }: Declared, source: HookSource, isAllowed: UrlTest): Found {
  switch (work?.type) {
    case 'http':
      return urlFault(work.url, isAllowed)
    case 'prompt':
    case 'agent':
      return modelFault(source)
    case 'script':
      return scriptOf(work, source)
    case 'command':
    case 'mcp_tool':
    case undefined:
      return {}
  }
}
