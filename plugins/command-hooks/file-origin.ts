import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Dialect } from './dialect.ts'
import { isTable } from './shape.ts'

/** A product that reads hooks files. */
export type HookProduct = 'hookline' | 'codex' | 'claude'

/** What the place of a hooks file says about it. */
export interface FileOrigin {
  /** By whose rules answers are read, unless the file says otherwise. */
  readonly dialect: Dialect
  /** For whom the file was written. */
  readonly product: HookProduct
  /** A file of hooks alone, or a file of settings with hooks among them. */
  readonly form: 'hooks' | 'settings' | 'toml'
  /** The project whose file it is; absent for files of a user and of bundles. */
  readonly projectDir?: string
  /** The folder that `CLAUDE_PLUGIN_ROOT` names; absent for files of a user and of a project. */
  readonly bundleRoot?: string
}

const products: Readonly<Record<string, HookProduct>> = {
  '.hookline': 'hookline',
  '.codex': 'codex',
  '.claude': 'claude',
}

const dialectOf = (product: HookProduct): Dialect => (product === 'claude' ? 'claude' : 'codex')

function formOf(file: string): FileOrigin['form'] {
  if (extname(file) === '.toml') return 'toml'
  return /^settings(\.\w+)?\.json$/.test(basename(file)) ? 'settings' : 'hooks'
}

/** The hooks file that a manifest names, if it names one. */
function namedByManifest(manifest: string, root: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    const hooks = isTable(value) ? value['hooks'] : undefined
    return typeof hooks === 'string' ? resolve(root, hooks) : undefined
  } catch {
    return undefined
  }
}

/** The bundle that a file belongs to. Without a manifest the folder around it, or around its folder `hooks`, is taken for one. */
function bundleOf(file: string): Pick<FileOrigin, 'bundleRoot' | 'product' | 'dialect'> {
  const folder = dirname(file)
  for (const root of [folder, dirname(folder)]) {
    const codex = join(root, '.codex-plugin', 'plugin.json')
    const isClaude = existsSync(join(root, '.claude-plugin', 'plugin.json'))
    const isCodex = existsSync(codex)
    if (!isClaude && !isCodex) continue
    const product =
      isCodex && (!isClaude || namedByManifest(codex, root) === file) ? 'codex' : 'claude'
    return { bundleRoot: root, product, dialect: product }
  }
  const bundleRoot = basename(folder) === 'hooks' ? dirname(folder) : folder
  return { bundleRoot, product: 'hookline', dialect: 'codex' }
}

/** Tells by its place and name what a hooks file is for. */
export function originOf(path: string): FileOrigin {
  const file = resolve(path)
  const form = formOf(file)
  const folder = dirname(file)
  const product = products[basename(folder)]
  if (product === undefined) return { form, ...bundleOf(file) }
  const around = dirname(folder)
  return {
    form,
    product,
    dialect: dialectOf(product),
    ...(around !== homedir() && { projectDir: around }),
  }
}
