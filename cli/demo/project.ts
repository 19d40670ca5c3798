import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { runToEnd } from 'hookline/kit'

/** Where the demo works: a project with its hooks, and a home of the product beside its files. */
export interface DemoProject {
  readonly folder: string
  readonly home: string
  readonly hooksFile: string
  /** The script of the PreToolUse hook. */
  readonly guard: string
  readonly greeting: string
  readonly notes: string
  /** Must outlive the command that a hook refuses. */
  readonly treasure: string
  /** What the sandbox must keep from being written. */
  readonly outside: string
}

/** The text of the greeting before it is patched. */
export const firstGreeting = 'Hello, world.\n'

const hooks = {
  description: 'The hooks of the demo. Each is a small shell script beside this file.',
  hooks: {
    SessionStart: [
      { hooks: [{ type: 'command', command: 'sh .hookline/hooks/session-start.sh' }] },
    ],
    PreToolUse: [
      { matcher: 'Bash', hooks: [{ type: 'command', command: 'sh .hookline/hooks/guard.sh' }] },
    ],
    Stop: [{ hooks: [{ type: 'command', command: 'sh .hookline/hooks/stop.sh' }] }],
  },
}

const sessionStart = `# SessionStart: runs before the first prompt. What it prints is told to the model.
echo "The code word of this session is $(od -An -N4 -tx4 /dev/urandom | tr -d ' ')."
`

const guard = `# PreToolUse: runs before every shell command, which stands on stdin as JSON.
# Exit code 2 refuses the command. The model is told what was written to stderr.
case "$(cat)" in
  *'rm -rf'*)
    echo 'rm -rf is not allowed in this project' >&2
    exit 2
    ;;
esac
`

const stop = `# Stop: runs when the model wants to end its turn.
# Exit code 2 makes it go on. It is told what was written to stderr.
case "$(cat)" in
  *'"stop_hook_active":true'*) exit 0 ;; # it was made to go on already; once is enough
esac
if [ ! -f NOTES.md ]; then
  echo 'NOTES.md is missing: write down what was done, then end.' >&2
  exit 2
fi
`

const readme = `# A project made by \`hookline demo\`

- \`.hookline/hooks.json\` names the hooks of the project, \`.hookline/hooks/\` holds their scripts.
- \`home/\` stands in for \`~/.hookline\`: settings, trust, and the records of sessions.

Nothing else knows of this folder. Delete it when you are done with it.
`

const files: Readonly<Record<string, string>> = {
  'README.md': readme,
  '.gitignore': '/home/\n',
  'greeting.txt': firstGreeting,
  'treasure/coin.txt': 'one coin\n',
  '.hookline/hooks.json': `${JSON.stringify(hooks, undefined, 2)}\n`,
  '.hookline/hooks/session-start.sh': sessionStart,
  '.hookline/hooks/guard.sh': guard,
  '.hookline/hooks/stop.sh': stop,
}

/** Makes the first folder `hookline-demo-N` that is not there yet. */
async function makeFolder(parent: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const folder = join(parent, `hookline-demo-${number}`)
    try {
      await mkdir(folder)
      return await realpath(folder)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue
      throw new HooklineError(
        'FILE_WRITE_FAILED',
        `no folder can be made for the demo: ${messageOf(error)}`,
        {
          hint: 'run it in a folder that you may write, or name one with -C DIR',
          cause: error,
        },
      )
    }
  }
}

/** Puts the project under version control, where there is git. Nothing of the user's own git takes part. */
async function makeRepository(folder: string, home: string): Promise<void> {
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  const who = ['-c', 'user.name=hookline demo', '-c', 'user.email=demo@localhost']
  const calls = [
    ['-c', 'init.defaultBranch=main', 'init', '--quiet'],
    ['add', '--all'],
    [...who, 'commit', '--quiet', '--message', 'Start'],
  ]
  try {
    for (const args of calls) {
      const { exit } = await runToEnd({ file: 'git', args, cwd: folder, env })
      if (exit.code !== 0) return
    }
  } catch {
    // The tour does not need it.
  }
}

/** Makes the project in a new folder below `parent`. */
export async function makeProject(parent: string): Promise<DemoProject> {
  const folder = await makeFolder(parent)
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  await makeRepository(folder, home)
  return {
    folder,
    home,
    hooksFile: join(folder, '.hookline', 'hooks.json'),
    guard: join(folder, '.hookline', 'hooks', 'guard.sh'),
    greeting: join(folder, 'greeting.txt'),
    notes: join(folder, 'NOTES.md'),
    treasure: join(folder, 'treasure', 'coin.txt'),
    outside: join(dirname(folder), 'outside-of-hookline-demo.txt'),
  }
}
