import { closeSync, readFileSync } from 'node:fs'
import { runToEnd } from 'hookline/kit'
import { frame, type ProcKind } from './frame.ts'
import { openFilter } from './filter-file.ts'

/** What bubblewrap can do on this machine. */
export type Probe =
  | { readonly ok: true; readonly proc: ProcKind }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

const probeLimitMs = 10_000
const succeeded = new Map<string, Promise<Probe>>()

/** Tries a sandbox with nothing in it. Asked once for a program; a failure is asked for again. */
export function probe(bwrap: string): Promise<Probe> {
  const known = succeeded.get(bwrap)
  if (known) return known
  const found = tryBoth(bwrap)
  succeeded.set(bwrap, found)
  const forget = () => succeeded.delete(bwrap)
  found.then((result) => result.ok || forget(), forget)
  return found
}

/** What is known without trying: machines whose /proc is covered nowhere let another one be mounted. */
export function expectation(): Probe | undefined {
  const mountPoints = readFileSync('/proc/self/mountinfo', 'latin1').matchAll(/^(?:\S+ ){4}(\S+)/gm)
  for (const [, path = ''] of mountPoints) {
    if (path.startsWith('/proc/') && path !== '/proc/sys/fs/binfmt_misc') return undefined
  }
  return { ok: true, proc: 'fresh' }
}

async function tryBoth(bwrap: string): Promise<Probe> {
  const fresh = await complaintOf(bwrap, 'fresh')
  if (fresh === undefined) return { ok: true, proc: 'fresh' }
  // Containers whose own /proc is partly covered may not mount another one.
  if (!fresh.includes('proc')) return refused(fresh)
  return (await complaintOf(bwrap, 'empty')) === undefined
    ? { ok: true, proc: 'empty' }
    : refused(fresh)
}

/** What bubblewrap says when it cannot make the sandbox. It runs itself in it, because no other program is sure to exist. */
async function complaintOf(bwrap: string, proc: ProcKind): Promise<string | undefined> {
  const filter = openFilter()
  try {
    const { exit, stderr, timedOut } = await runToEnd({
      file: bwrap,
      args: [...frame({ network: false, proc }), '--', bwrap, '--version'],
      cwd: '/',
      env: {},
      extraFds: [filter],
      timeoutMs: probeLimitMs,
    })
    if (exit.code === 0) return undefined
    if (timedOut) return 'it does not answer'
    return (
      new TextDecoder().decode(stderr).trim().slice(0, 300) ||
      `it ends with ${exit.signal ?? exit.code}`
    )
  } finally {
    closeSync(filter)
  }
}

function refused(complaint: string): Probe {
  return {
    ok: false,
    reason: `bubblewrap cannot make a sandbox here: ${complaint}`,
    remedy: remedyFor(complaint),
  }
}

const otherwise =
  'where something else confines hookline already, set sandbox_mode = "danger-full-access"'

function remedyFor(complaint: string): string {
  if (/namespace|uid map|user\.max_user_namespaces|clone/i.test(complaint)) {
    return (
      'allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, ' +
      `kernel.apparmor_restrict_unprivileged_userns; in a container its seccomp profile); ${otherwise}`
    )
  }
  return `run "bwrap --ro-bind / / true" to see more; ${otherwise}`
}
