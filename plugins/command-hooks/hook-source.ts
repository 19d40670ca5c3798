import type { Dialect } from './dialect.ts'
import type { HooksFile } from './hooks-file.ts'
import type { Problem } from './problems.ts'

/** Who put a hooks file where it is. */
export type SourceKind = 'system' | 'user' | 'project' | 'sessionFlags' | 'plugin' | 'unknown'

/** Where a bundle lies, for the handlers it brings. */
export interface BundlePlace {
  readonly id: string
  /** The folder of the bundle. */
  readonly root: string
  /** Where it may keep files; not made in advance. */
  readonly dataDir: string
}

/** Where handlers come from. */
export interface HookSource {
  readonly kind: SourceKind
  /** Absolute. */
  readonly path: string
  /** The path in the key that trust is recorded under, where that is another: a bundle moves with each version. */
  readonly keyPath?: string
  readonly dialect: Dialect
  /** Only an administrator can write it: it needs no trust, and nothing turns it off. */
  readonly managed: boolean
  /** A user's file for another product: it never runs before it is trusted here, whatever flags say. */
  readonly foreign: boolean
  readonly projectDir: string
  readonly bundle?: BundlePlace
}

export interface LoadedSource {
  readonly source: HookSource
  readonly file: HooksFile
}

export interface Loaded {
  /** Weakest first: the order in which results are merged. */
  readonly sources: readonly LoadedSource[]
  readonly problems: readonly Problem[]
}

/** What a source is called where it must be called the same tomorrow. */
export function lastingPath({ keyPath, path }: HookSource): string {
  return keyPath ?? path
}
