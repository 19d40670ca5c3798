// Bundles the sources into dist and emits their declarations. `--no-types` leaves the declarations out.
//
// Loading many files is what costs time at the start of a process. So all that every start needs is one chunk, and
// what is loaded by `import()` stays in chunks of its own. A module is never in two chunks: there is one copy of it.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = import.meta.dirname
const out = path.join(root, 'dist')
const draft = path.join(root, `dist.${process.pid}.tmp`)
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

/** Where a start of the command enters; all that these import statically goes into the one chunk. */
const hot = ['cli/main.ts', 'cli/commands/exec.ts', 'core/index.ts', 'core/kit/index.ts']

/** Packages that cost a start milliseconds each; they must be reached by `import()` only. */
const heavy = [
  'zod',
  'openai',
  '@modelcontextprotocol/sdk',
  'execa',
  'yargs',
  'fast-glob',
  'cosmiconfig',
  'jose',
]

/** Packages that cannot be in a bundle: a native addon. */
const external = ['isolated-vm']

const pluginNames = readdirSync(path.join(root, 'plugins')).filter((name) =>
  existsSync(path.join(root, 'plugins', name, 'index.ts')),
)

/** The public entries, as package.json declares them: file in dist (without its ending) to source module. */
function publicEntries() {
  const rows = Object.values(manifest.exports).filter(
    (target) => target['hookline-source'] !== undefined,
  )
  const filled = rows.flatMap((target) => {
    const pair = [target.default, target['hookline-source']]
    return pair[0].includes('*')
      ? pluginNames.map((name) => pair.map((file) => file.replace('*', name)))
      : [pair]
  })
  return filled
    .filter(([, source]) => existsSync(path.join(root, source)))
    .map(([target, source]) => [target.replace(/^\.\/dist\/|\.js$/g, ''), source.replace('./', '')])
}

const wrap = (file) => ({ path: path.relative(root, file), namespace: 'wrapped' })
const isSource = (file) => file.startsWith(root) && !file.includes('/node_modules/')

/**
 * Every entry and every lazily imported module of ours is wrapped in a module that imports the hot set first. That
 * makes the hot set reachable from all of them, and what is reachable from all is what esbuild puts into one chunk.
 */
const oneHotChunk = {
  name: 'one-hot-chunk',
  setup(bundler) {
    bundler.onResolve({ filter: /.*/ }, async (args) => {
      if (args.pluginData === 'resolving') return undefined
      if (args.kind === 'entry-point' && args.path.endsWith('.ts'))
        return wrap(path.join(root, args.path))
      if (args.kind !== 'dynamic-import') return undefined
      const { kind, importer, resolveDir } = args
      const found = await bundler.resolve(args.path, {
        kind,
        importer,
        resolveDir,
        pluginData: 'resolving',
      })
      return found.errors.length === 0 && !found.external && isSource(found.path)
        ? wrap(found.path)
        : found
    })
    bundler.onResolve({ filter: /^hookline:hot$/ }, () => ({ path: 'hot', namespace: 'hot' }))
    bundler.onLoad({ filter: /.*/, namespace: 'hot' }, () => ({
      contents: [...hot, ...pluginNames.map((name) => `plugins/${name}/index.ts`)]
        .filter((file) => existsSync(path.join(root, file)))
        .map((file) => `import './${file}'`)
        .join('\n'),
      resolveDir: root,
    }))
    bundler.onLoad({ filter: /.*/, namespace: 'wrapped' }, (args) => ({
      contents: `import 'hookline:hot'\nexport * from './${args.path}'`,
      resolveDir: root,
    }))
  },
}

/** CommonJS packages ask for built-in modules by `require`, which a bundle of ES modules does not have. */
const builtinRequires = {
  name: 'builtin-requires',
  setup(bundler) {
    const { builtinModules } = createRequire(import.meta.url)('node:module')
    bundler.onResolve({ filter: /^[a-z_/:]+$/ }, (args) => {
      const name = args.path.replace(/^node:/, '')
      if (args.kind !== 'require-call' || !builtinModules.includes(name)) return undefined
      // tapable brings its own stand-in for the one function it needs of a module that takes milliseconds to load.
      if (name === 'util' && args.resolveDir.includes('/tapable/')) {
        return { path: path.join(args.resolveDir, 'util-browser.js') }
      }
      return { path: name, namespace: 'builtin' }
    })
    bundler.onLoad({ filter: /.*/, namespace: 'builtin' }, (args) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(args.path)})`,
    }))
  },
}

/** The package that an input of the bundle belongs to; undefined for our own modules. */
const packageOf = (input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]

/** The chunks that are loaded before the first line of the command runs. */
function staticClosure(outputs, entry) {
  const seen = new Set([entry])
  for (const file of seen) {
    for (const found of outputs[file].imports) {
      if (found.kind === 'import-statement' && !found.external) seen.add(found.path)
    }
  }
  return [...seen]
}

/** How a module gets into the static closure of the hot set, one import a step. */
function importChain(inputs, wanted) {
  const queue = Object.keys(inputs)
    .filter((file) => file.startsWith('hot:'))
    .map((file) => [file])
  const seen = new Set(queue.flat())
  for (const chain of queue) {
    if (packageOf(chain.at(-1)) === wanted) return chain.slice(1)
    for (const found of inputs[chain.at(-1)]?.imports ?? []) {
      if (found.kind === 'dynamic-import' || seen.has(found.path)) continue
      seen.add(found.path)
      queue.push([...chain, found.path])
    }
  }
  return []
}

function reportStart(meta, entry) {
  const rows = staticClosure(meta.outputs, entry).map((file) => {
    const inputs = Object.entries(meta.outputs[file].inputs)
    const packages = new Set(inputs.map(([input]) => packageOf(input)).filter(Boolean))
    return {
      file: path.relative(path.relative(root, draft), file),
      inputs,
      packages: [...packages],
      bytes: meta.outputs[file].bytes,
    }
  })
  const total = rows.reduce((sum, row) => sum + row.bytes, 0)
  console.log(`start of the command: ${rows.length} files, ${Math.round(total / 1024)} KiB`)
  for (const { file, bytes, inputs, packages } of rows) {
    const size = `${(bytes / 1024).toFixed(1)} KiB`.padStart(11)
    console.log(
      `${size}  ${file}  ${inputs.length} modules${packages.length > 0 ? `, with ${packages.join(', ')}` : ''}`,
    )
  }
  const loaded = heavy.filter((name) => rows.some((row) => row.packages.includes(name)))
  for (const name of loaded) {
    console.error(
      `build: "${name}" is loaded at every start: ${importChain(meta.inputs, name).join(' > ')}`,
    )
  }
  return loaded.length === 0
}

/** The licences of what is bundled have to travel with it. */
function writeNotices(inputs) {
  const names = [...new Set(Object.keys(inputs).map(packageOf).filter(Boolean))].toSorted((a, b) =>
    a < b ? -1 : 1,
  )
  const notices = names.map((name) => {
    const folder = path.join(root, 'node_modules', name)
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    const text =
      file === undefined
        ? `Licence: ${license}`
        : readFileSync(path.join(folder, file), 'utf8').trim()
    return `${name} ${version}\n\n${text}\n`
  })
  writeFileSync(path.join(draft, 'THIRD-PARTY.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`))
}

/**
 * The file that users start. Every Node parses it, as a script or as a module, so that an old one gets a sentence
 * and not a syntax error; what a module or an old Node would lack is therefore asked of `process`.
 *
 * The compile cache lies beside the code and so is as trustworthy as the code: the default place is a folder for
 * temporary files, which sandboxed commands may write to, and a planted cache would run outside of the sandbox.
 */
function launcher() {
  const [major, minor] = /(\d+)\.(\d+)/.exec(manifest.engines.node).slice(1)
  return `#!/usr/bin/env node
var found = process.versions.node.split('.')
if (found[0] < ${major} || (found[0] == ${major} && found[1] < ${minor})) {
  console.error('error[NODE_TOO_OLD]: hookline does not run on Node ' + process.versions.node + '. It needs ${major}.${minor} or newer. Install one, or start it with: npx node@${major} ' + process.argv[1])
  process.exitCode = 1
} else {
  start(process.getBuiltinModule('module'), process.getBuiltinModule('fs'))
}
function start(module, fs) {
  var file = fs.realpathSync(process.argv[1])
  var home = process.env.HOOKLINE_HOME || process.getBuiltinModule('os').homedir() + '/.hookline'
  if (module.enableCompileCache(file.slice(0, -'main.js'.length) + '.cache').status === 0 && fs.existsSync(home)) {
    module.enableCompileCache(home + '/cache/compile')
  }
  module.createRequire(file)('./run.js')
}
`
}

async function bundle(esbuild) {
  const entries = publicEntries()
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [
      ...entries.map(([target, source]) => ({ in: source, out: target })),
      { in: 'cli/run.ts', out: 'cli/run' },
      // The copy of zod that runs here, for plugins that import it: see "imports" in package.json.
      { in: 'zod', out: manifest.imports['#zod'].default.replace(/^\.\/dist\/|\.js$/g, '') },
    ],
    outdir: draft,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['hookline-source', 'module'],
    chunkNames: 'chunks/[name]-[hash]',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    external,
    plugins: [oneHotChunk, builtinRequires],
    metafile: true,
    logLevel: 'warning',
  })
  return result.metafile
}

/** Processes of their own, each in one file: what they load is all they may read. */
const processes = [{ in: 'plugins/isolate-host/host.ts', out: 'plugins/isolate-host/host' }]

async function bundleProcesses(esbuild) {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: processes,
    outdir: draft,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    external,
    logLevel: 'warning',
  })
}

/** People may be running what is in dist, so the new one takes its place in one step. */
function publish() {
  const old = `${draft}.old`
  if (existsSync(out)) renameSync(out, old)
  renameSync(draft, out)
  rmSync(old, { recursive: true, force: true })
}

function emitTypes() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', path.join(draft, 'types')]
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0
}

async function build() {
  const esbuild = await import('esbuild')
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft)
  try {
    const meta = await bundle(esbuild)
    await bundleProcesses(esbuild)
    writeFileSync(path.join(draft, 'cli/main.js'), launcher())
    chmodSync(path.join(draft, 'cli/main.js'), 0o755)
    writeNotices(meta.inputs)
    const light = reportStart(meta, path.relative(root, path.join(draft, 'cli/run.js')))
    const typed = process.argv.includes('--no-types') || emitTypes()
    publish()
    return light && typed
  } catch (error) {
    // Errors in the sources have been printed by esbuild.
    if (error.errors === undefined) throw error
    return false
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

if (
  process.env.npm_lifecycle_event === 'prepare' &&
  !existsSync(path.join(root, 'node_modules/esbuild'))
) {
  console.log('build: the development dependencies are left out, so nothing is built')
} else if (!(await build())) {
  process.exitCode = 1
}
