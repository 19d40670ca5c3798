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

/** Looks at what a handler needs beside its own words. */
export function lookAround({ work }: Declared, source: HookSource, isAllowed: UrlTest): Found {
  switch (work?.type) {
    case 'http':
      if (isAllowed(work.url)) return {}
      return {
        code: 'HookUrlNotAllowed',
        fault: `sends to ${URL.parse(work.url)?.origin ?? 'an address'}, which allowed_http_hook_urls of your settings does not list`,
      }
    case 'prompt':
    case 'agent':
      if (source.dialect === 'claude') return {}
      return {
        code: 'HookTypeUnsupported',
        fault: `asks a model, which the dialect "${source.dialect}" does not do; say "dialect": "claude" in the file`,
      }
    case 'script': {
      const read = readScriptText(work, source)
      return 'fault' in read ? { code: 'HookHandlerInvalid', ...read } : { script: read }
    }
    case 'command':
    case 'mcp_tool':
    case undefined:
      return {}
  }
}
