import type { ModelInfo } from 'hookline'
import { families, unknown } from './families.ts'

export interface DescribeOptions {
  /** Overrides the catalog. */
  readonly contextWindow: number | undefined
  /** Whether there is a tool that runs code; without it every model is offered the tools themselves. */
  readonly canRunCode: boolean
}

/** What is known of a model. A vendor's prefix, as routers use it (`openai/gpt-5.5`), is passed over. */
export function describeModel(
  slug: string,
  { contextWindow, canRunCode }: DescribeOptions,
): ModelInfo {
  const name = slug.slice(slug.lastIndexOf('/') + 1).toLowerCase()
  const family = families.find((entry) => entry.slug.test(name))
  const info = family?.info ?? unknown
  const codeOnly = info.toolMode === 'code_only' && canRunCode
  return {
    ...info,
    slug,
    known: family !== undefined,
    contextWindow: contextWindow ?? info.contextWindow,
    toolMode: codeOnly ? 'code_only' : 'direct',
    // One piece of code makes all its calls by itself.
    parallelToolCalls: info.parallelToolCalls && !codeOnly,
  }
}
