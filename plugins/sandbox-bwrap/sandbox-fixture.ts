import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ExecPlan, Running, SandboxPolicy } from 'hookline'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { bwrapBackend } from './backend.ts'

/** For tests: whether sandboxes can be made here at all. */
export const usable = (await bwrapBackend.available()).ok

/** For tests: a folder for each, with the folder `work` in it, which is the writable root. */
export const at = { base: '', work: '' }

beforeEach(() => {
  at.base = realpathSync(mkdtempSync(join(tmpdir(), 'bwrap-')))
  at.work = join(at.base, 'work')
  mkdirSync(at.work)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(at.base, { recursive: true })
})

/** For tests: makes files below the base, and folders where a path ends with a slash. */
export function files(...paths: readonly string[]): void {
  for (const path of paths) {
    const folder = path.endsWith('/') ? path : dirname(path)
    mkdirSync(join(at.base, folder), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(join(at.base, path), 'old')
  }
}

/** For tests: a shell script that may write its folder, and what of the policy is different. */
export function planFor(script: string, changes: Partial<SandboxPolicy> = {}): ExecPlan {
  return {
    command: ['sh', '-c', script],
    cwd: at.work,
    env: { PATH: process.env['PATH'] ?? '', WORK: at.work, BASE: at.base },
    tty: false,
    sandbox: {
      mode: 'workspace-write',
      writableRoots: [at.work],
      network: false,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'bwrap',
      ...changes,
    },
  }
}

/** For tests: starts a plan. */
export function spawn(plan: ExecPlan, signal = new AbortController().signal): Promise<Running> {
  return bwrapBackend.spawn(plan, signal)
}

/** For tests: waits for the end, with all output. */
export async function finish(running: Running) {
  running.stdin.end()
  const [exit, out, err] = await Promise.all([
    running.exited,
    text(running.stdout),
    text(running.stderr),
  ])
  return { ...exit, out, err }
}

/** For tests: runs a script to its end. */
export async function run(script: string, changes: Partial<SandboxPolicy> = {}) {
  return finish(await spawn(planFor(script, changes)))
}

/** For tests: what is thrown where nothing was started. */
export const refused: unknown = expect.objectContaining({ code: 'SANDBOX_REFUSED' })
