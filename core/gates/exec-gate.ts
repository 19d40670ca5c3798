import type { ExecPlan } from '../points/exec.ts'
import type { SandboxPolicy } from '../points/turn.ts'
import type { Gate } from './gate.ts'

interface State {
  readonly plan: ExecPlan
  readonly denied: string | undefined
}

const modeRanks = { 'danger-full-access': 0, 'workspace-write': 1, 'read-only': 2 } as const

/** True when everything that `to` lets a process reach, `from` let it reach too. */
export function narrows(to: SandboxPolicy, from: SandboxPolicy): boolean {
  if (modeRanks[to.mode] < modeRanks[from.mode]) return false
  if (to.backend !== from.backend && (to.mode === from.mode || from.backend !== 'none'))
    return false
  if (to.network && !from.network) return false
  // Without a sandbox every folder may be written, and none is named.
  const isConfined = from.mode !== 'danger-full-access'
  if (isConfined && to.writableRoots.some((root) => !from.writableRoots.includes(root))) {
    return false
  }
  if ((from.readOnlyPaths ?? []).some((path) => !to.readOnlyPaths?.includes(path))) return false
  if (from.deniedReads.some((path) => !to.deniedReads.includes(path))) return false
  return from.deniedReadGlobs.every((glob) => to.deniedReadGlobs.includes(glob))
}

/** What a process may reach. It has narrowing methods only: what widens is a grant that the kernel issues from an approval. */
export class ExecGate implements Gate<ExecGate> {
  readonly #state: State

  private constructor(state: State) {
    this.#state = state
  }

  static of(plan: ExecPlan): ExecGate {
    return new ExecGate({ plan, denied: undefined })
  }

  get plan(): ExecPlan {
    return this.#state.plan
  }

  /** Present: the process is not started. */
  get denied(): string | undefined {
    return this.#state.denied
  }

  deny(reason: string): ExecGate {
    return new ExecGate({ ...this.#state, denied: this.denied ?? reason })
  }

  dropWritableRoot(path: string): ExecGate {
    return this.#sandbox({
      writableRoots: this.plan.sandbox.writableRoots.filter((root) => root !== path),
    })
  }

  denyRead(path: string): ExecGate {
    return this.#sandbox({ deniedReads: [...this.plan.sandbox.deniedReads, path] })
  }

  closeNetwork(): ExecGate {
    return this.#sandbox({ network: false })
  }

  /** Changes to a stricter mode; a looser one has no effect. `backend` counts where nothing confines the process yet. */
  restrictMode(mode: ExecPlan['sandbox']['mode'], backend: string): ExecGate {
    const now = this.plan.sandbox
    if (modeRanks[mode] <= modeRanks[now.mode]) return this
    const writableRoots = mode === 'read-only' ? [] : now.writableRoots
    const confining = now.backend === 'none' ? backend : now.backend
    return this.#sandbox({ mode, backend: confining, writableRoots })
  }

  removeVariable(name: string): ExecGate {
    const { [name]: _removed, ...env } = this.plan.env
    return new ExecGate({ ...this.#state, plan: { ...this.plan, env } })
  }

  follows(before: ExecGate): boolean {
    const [next, last] = [this.plan, before.plan]
    if (before.denied !== undefined && this.denied === undefined) return false
    if (next.command !== last.command || next.cwd !== last.cwd || next.tty !== last.tty)
      return false
    if (Object.entries(next.env).some(([name, value]) => last.env[name] !== value)) return false
    return narrows(next.sandbox, last.sandbox)
  }

  #sandbox(change: Partial<ExecPlan['sandbox']>): ExecGate {
    const plan = { ...this.plan, sandbox: { ...this.plan.sandbox, ...change } }
    return new ExecGate({ ...this.#state, plan })
  }
}
