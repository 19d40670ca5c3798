import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, type Availability } from 'hookline'

/** How the host process is started. */
export interface HostCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export type HostCommandFound =
  | { readonly ok: true; readonly command: HostCommand }
  | Extract<Availability, { ok: false }>

/** Finds the host and the addon. `hostFile` is another host in place of ours, for tests of a built one. */
export function findHostCommand(hostFile: string = ownHostFile()): HostCommandFound {
  if (!existsSync(hostFile)) {
    return {
      ok: false,
      reason: `"${hostFile}" is missing`,
      remedy: 'install hookline again, or build it',
    }
  }
  try {
    return { ok: true, command: hostCommand(realpathSync(hostFile), addonFile()) }
  } catch (error) {
    const [why] = messageOf(error).split('\n')
    return {
      ok: false,
      reason: `the package isolated-vm cannot be used: ${why}`,
      remedy:
        'install hookline again with a Node that isolated-vm has a build for, such as Node 24',
    }
  }
}

/**
 * The module that runs as the host. In the sources it lies beside this one; in a build this one is part of a chunk
 * anywhere in `dist`, and the host a file of its own, so it is found from the root of the package.
 */
function ownHostFile(): string {
  if (import.meta.url.endsWith('.ts')) return fileURLToPath(new URL('./host.ts', import.meta.url))
  const manifest = createRequire(import.meta.url).resolve('hookline/package.json')
  return join(dirname(manifest), 'dist/plugins/isolate-host/host.js')
}

/** The addon itself, found by the rule of its package, so that the host need not read anything but its own code. */
function addonFile(): string {
  const manifest = createRequire(import.meta.url).resolve('isolated-vm/package.json')
  const finder: unknown = createRequire(manifest)('node-gyp-build')
  if (typeof finder !== 'function' || !('path' in finder) || typeof finder.path !== 'function') {
    throw new Error('its builds cannot be looked up')
  }
  return String(finder.path(dirname(manifest)))
}

function hostCommand(hostFile: string, addon: string): HostCommand {
  const isSource = hostFile.endsWith('.ts')
  return {
    file: process.execPath,
    args: [
      // Isolates with different V8 snapshots in one process may crash it.
      '--no-node-snapshot',
      // Bugs of the JIT compilers are the main way out of V8. Node needs WebAssembly, and so a JIT, to strip types.
      ...(isSource ? [] : ['--jitless']),
      '--permission',
      '--allow-addons',
      `--allow-fs-read=${isSource ? join(dirname(hostFile), '/') : hostFile}`,
      '--disable-warning=PERM0001',
      hostFile,
      addon,
    ],
    // Where an ordinary user cannot write, so that a crash leaves no core file behind.
    cwd: parse(hostFile).root,
    env: process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] ?? '' } : {},
  }
}
