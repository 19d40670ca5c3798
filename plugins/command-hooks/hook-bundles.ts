import { serviceKey } from 'hookline'
import type { Dialect } from './dialect.ts'

/** One hooks file of a bundle. */
export interface BundledHooks {
  /** Absolute, inside of the bundle. */
  readonly path: string
  readonly dialect: Dialect
  /** The folder of the bundle. */
  readonly root: string
  /** Where the bundle may keep files. */
  readonly dataDir: string
  /** What the key of its hooks calls it; default the path from the root. */
  readonly name?: string
  /** What it holds, where that stands inside of another file; default what is at the path. */
  readonly value?: unknown
}

/** The hooks that a bundle brings. */
export interface HookSources {
  readonly files: readonly BundledHooks[]
}

/** Provided under the id of the bundle, by plugins that are set up before this one. Its hooks wait for trust like any others. */
export const hookSourcesKey = serviceKey<HookSources>('hook-sources')

/** A bundle with its hooks. */
export interface HookBundle extends HookSources {
  readonly id: string
}
