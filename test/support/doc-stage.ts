import { spawn } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { temporaryHome } from 'hookline/testing'
import { root } from './doc-blocks.ts'

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder as a reader of the pages has it: hookline installed, its command on the PATH, a home of its own below. */
export interface DocStage extends AsyncDisposable {
  readonly path: string
  run(file: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
  /** Runs commands as a shell reads them, up to the first that fails. */
  shell(commands: string): Promise<Ended>
}

async function install(path: string): Promise<void> {
  await mkdir(join(path, 'node_modules'))
  await mkdir(join(path, 'bin'))
  await mkdir(join(path, 'home'), { recursive: true })
  await mkdir(join(path, '.git'))
  await writeFile(join(path, '.git/HEAD'), 'ref: refs/heads/main\n')
  await symlink(root, join(path, 'node_modules/hookline'))
  for (const name of ['zod', '@types'])
    await symlink(join(root, 'node_modules', name), join(path, 'node_modules', name))
  await symlink(process.execPath, join(path, 'bin/node'))
  const command = join(path, 'bin/hookline')
  await writeFile(command, `#!/bin/sh\nexec node ${join(root, 'cli/run.ts')} "$@"\n`)
  await chmod(command, 0o755)
}

async function end(child: ReturnType<typeof spawn>): Promise<Ended> {
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  const read = async (stream: typeof child.stdout) => (stream ? text(stream) : '')
  const [stdout, stderr, code] = await Promise.all([
    read(child.stdout),
    read(child.stderr),
    ended.promise,
  ])
  return { code, stdout, stderr }
}

/** Makes a stage with these files; those of the home lie below `home/`. */
export async function docStage(files: Readonly<Record<string, string>>): Promise<DocStage> {
  const folder = await temporaryHome({ 'package.json': '{ "type": "module" }\n', ...files })
  const { path } = folder
  await install(path)
  const run: DocStage['run'] = (file, args, env = {}) => {
    const child = spawn(file, args, {
      cwd: path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(path, 'bin')}:${process.env['PATH'] ?? dirname(process.execPath)}`,
        HOME: path,
        HOOKLINE_HOME: join(path, 'home'),
        NODE_OPTIONS: '--conditions=hookline-source',
        LANG: 'C.UTF-8',
        ...env,
      },
    })
    return end(child)
  }
  return {
    path,
    run,
    shell: (commands) => run('sh', ['-ec', commands]),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
