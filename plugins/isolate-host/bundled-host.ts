import { join } from 'node:path'
import { build } from 'esbuild'
import { temporaryHome } from 'hookline/testing'

export interface BundledHost extends AsyncDisposable {
  readonly file: string
}

/** Makes the host what it is in a build, one file of plain JavaScript: only that one runs without a JIT. */
export async function bundledHost(): Promise<BundledHost> {
  const home = await temporaryHome({ 'package.json': '{"type":"module"}' })
  const file = join(home.path, 'host.js')
  await build({
    entryPoints: [join(import.meta.dirname, 'host.ts')],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
  })
  return { file, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() }
}
