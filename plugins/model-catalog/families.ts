import type { ModelInfo } from 'hookline'

/** What the models of one family have in common. */
export interface Family {
  /** Matches the whole slug of a model, without a vendor's prefix. */
  readonly slug: RegExp
  readonly info: Omit<ModelInfo, 'slug' | 'known'>
}

const plain = { parallelToolCalls: true, applyPatch: 'none', toolMode: 'direct' } as const
const gpt5 = { ...plain, contextWindow: 272_000, effort: 'medium', applyPatch: 'freeform' } as const

/** The first family that matches counts. */
export const families: readonly Family[] = [
  // Trained on code mode: the direct tools are offered only where nothing can run code.
  {
    slug: /^gpt-(5\.6|6)(?!\d)/,
    info: { ...gpt5, effort: 'low', verbosity: 'low', toolMode: 'code_only' },
  },
  { slug: /^gpt-5(\.\d+)?-codex/, info: gpt5 },
  { slug: /^gpt-5\.\d/, info: { ...gpt5, verbosity: 'low' } },
  { slug: /^gpt-5(?!\d)/, info: gpt5 },
  { slug: /^codex-/, info: { ...gpt5, contextWindow: 200_000, applyPatch: 'none' } },
  { slug: /^gpt-4\.1/, info: { ...plain, contextWindow: 1_047_576, reasoning: false } },
  { slug: /^(gpt-4o|chatgpt-4o)/, info: { ...plain, contextWindow: 128_000, reasoning: false } },
  {
    slug: /^o\d(-|$)/,
    info: { ...plain, contextWindow: 200_000, effort: 'medium', parallelToolCalls: false },
  },
  { slug: /^gpt-oss[-:]/, info: { ...plain, contextWindow: 131_072 } },
  { slug: /^claude-/, info: { ...plain, contextWindow: 200_000 } },
  // The built-in script that plays a model without one.
  {
    slug: /^offline$/,
    info: { ...plain, contextWindow: 128_000, applyPatch: 'freeform', reasoning: false },
  },
  { slug: /^gemini-/, info: { ...plain, contextWindow: 1_048_576 } },
]

/** What is assumed of a model of which nothing is known: little enough to be safe with most. */
export const unknown: Family['info'] = { ...plain, contextWindow: 128_000 }
