import { closeSync } from 'node:fs'
import {
  type Availability,
  type ExecPlan,
  HooklineError,
  type Running,
  type SandboxBackend,
} from 'hookline'
import { endOnAbort, killTree, spawnPlan, spawnTree } from 'hookline/kit'
import { openFilter } from './filter-file.ts'
import { descriptorsWith, firstChildOf } from './kernel-files.ts'
import { type Launch, prepareLaunch } from './launch.ts'
import { foldersOf, locateBwrap } from './locate.ts'
import { releasePlaces } from './placeholders.ts'
import { expectation, probe } from './probe.ts'

/** Runs commands in namespaces of their own, made by the bubblewrap of the system. */
export const bwrapBackend: SandboxBackend = { available, spawn }

async function available(): Promise<Availability> {
  const located = locateBwrap([])
  if (!located.ok) return located
  const result = await probe(located.bwrap)
  if (!result.ok) return result
  if (result.proc === 'fresh') return { ok: true }
  return {
    ok: true,
    warning: 'no new /proc can be mounted here, so commands in the sandbox have an empty one',
  }
}

async function spawn(plan: ExecPlan, signal: AbortSignal): Promise<Running> {
  if (plan.sandbox.mode === 'danger-full-access') return spawnPlan(plan, signal)
  signal.throwIfAborted()
  const located = locateBwrap(foldersOf(plan))
  if (!located.ok) throw unavailable(located)
  // On our own stderr bubblewrap tells by itself what it cannot do; it never runs a command then.
  const guess = plan.stdio === 'inherit' ? expectation() : undefined
  const result = guess ?? (await probe(located.bwrap))
  if (!result.ok) throw unavailable(result)
  const launch = await prepareLaunch(plan, located.bwrap, result.proc)
  const running = confined(await start(launch, plan), launch)
  endOnAbort(running, signal)
  return running
}

function unavailable({
  reason,
  remedy,
}: {
  readonly reason: string
  readonly remedy: string
}): HooklineError {
  return new HooklineError('SANDBOX_UNAVAILABLE', `the command was not started: ${reason}`, {
    hint: remedy,
  })
}

async function start(launch: Launch, plan: ExecPlan): Promise<Running> {
  const { file, args, env } = launch
  try {
    const filter = openFilter()
    try {
      const extraFds = descriptorsWith(filter)
      return await spawnTree({ file, args, env, cwd: plan.cwd, stdio: plan.stdio, extraFds })
    } finally {
      closeSync(filter)
    }
  } catch (error) {
    launch.release()
    throw error
  }
}

const alive = new Set<number>()
let isWatchingExit = false

function confined(running: Running, launch: Launch): Running {
  alive.add(running.pid)
  if (!isWatchingExit) process.once('exit', endAll)
  isWatchingExit = true
  void cleanUp(running, launch)
  let ended: Promise<void> | undefined
  return {
    ...running,
    kill() {
      ended ??= end(running)
      return ended
    },
  }
}

async function cleanUp(running: Running, launch: Launch): Promise<void> {
  await running.exited
  alive.delete(running.pid)
  // Whoever waits for the command is told first.
  setImmediate(launch.release)
}

/** The commands are asked first: bubblewrap takes them along without asking when it ends. */
async function end(running: Running): Promise<void> {
  const first = firstChildOf(running.pid)
  if (first !== undefined) await killTree(first)
  await running.kill()
}

/** Commands must not outlive what keeps protected names from being made. */
function endAll(): void {
  for (const pid of alive) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  releasePlaces()
}
