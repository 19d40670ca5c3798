import { ExecGate } from '../gates/exec-gate.ts'
import { HooklineError, messageOf } from '../errors.ts'
import type { ExecPlan, ExecRequest, Running } from '../points/exec.ts'
import type { SandboxPolicy } from '../points/turn.ts'
import { sandboxKey } from '../service-keys.ts'
import type { TurnState } from './turn.ts'

const unconfined = {
  mode: 'danger-full-access',
  writableRoots: [],
  network: true,
  deniedReads: [],
  deniedReadGlobs: [],
  backend: 'none',
} as const

/** What a command may reach: the policy of the turn, or everything where an approval granted that. */
function policyFor(turn: TurnState, request: ExecRequest, granted: boolean): SandboxPolicy {
  return request.escalate && granted ? unconfined : turn.facts.sandbox
}

/** Takes a process through `execPlan` and starts it in the sandbox of the plan. The request's variables are all it gets. */
export async function startProcess(
  turn: TurnState,
  request: ExecRequest,
  granted: boolean,
): Promise<Running> {
  const { session } = turn
  const { row, services } = session.kernel
  const plan: ExecPlan = {
    command: request.command,
    cwd: request.cwd,
    env: request.env ?? {},
    tty: request.tty ?? false,
    sandbox: policyFor(turn, request, granted),
  }
  let gate = ExecGate.of(plan)
  if (row.isUsed('execPlan')) {
    try {
      gate = await row.refine('execPlan', gate, turn.call)
    } catch (error) {
      gate = gate.deny(messageOf(error))
    }
  }
  if (gate.denied !== undefined) throw new HooklineError('SANDBOX_REFUSED', gate.denied)
  const backend = services.get(sandboxKey, gate.plan.sandbox.backend)
  return backend.spawn(gate.plan, request.background ? session.signal : turn.signal)
}
