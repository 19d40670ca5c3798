import type { ExecPlan } from 'hookline'
import { findBwrap } from './find-bwrap.ts'
import { realPath } from './links.ts'

/** Where bubblewrap is, or why it cannot be used. */
export type Located =
  | { readonly ok: true; readonly bwrap: string }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

/** Looks for a bubblewrap that no command can have put there. */
export function locateBwrap(writable: readonly string[]): Located {
  if (process.platform !== 'linux') {
    return {
      ok: false,
      reason: `the sandbox "bwrap" needs Linux, and this is ${process.platform}`,
      remedy: 'choose another sandbox_backend, or sandbox_mode = "danger-full-access"',
    }
  }
  const folders = [process.cwd(), ...writable].flatMap((path) => [path, realPath(path) ?? path])
  // The root folder holds everything, so it would rule out everything.
  const bwrap = findBwrap(
    process.env['PATH'] ?? '',
    folders.filter((folder) => folder !== '/'),
  )
  if (bwrap !== undefined) return { ok: true, bwrap }
  return {
    ok: false,
    reason:
      'there is no bwrap (bubblewrap) on the PATH outside of the folders that commands may write',
    remedy:
      'install the package bubblewrap, or set sandbox_mode = "danger-full-access" where something else confines hookline',
  }
}

/** The folders whose files the commands of a plan may have written. */
export function foldersOf(plan: ExecPlan): readonly string[] {
  return [plan.cwd, ...plan.sandbox.writableRoots]
}
