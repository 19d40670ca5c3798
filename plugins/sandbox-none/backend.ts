import { HooklineError, type SandboxBackend } from 'hookline'
import { spawnPlan } from 'hookline/kit'

/** Confines nothing, and so refuses every plan that asks for it. */
export const noneBackend: SandboxBackend = {
  async available() {
    return { ok: true }
  },
  async spawn(plan, signal) {
    const { mode } = plan.sandbox
    if (mode === 'danger-full-access') return spawnPlan(plan, signal)
    throw new HooklineError(
      'SANDBOX_REFUSED',
      `the command was not started: the sandbox "none" cannot keep it ${mode}`,
      {
        hint: 'remove sandbox_backend, or set sandbox_mode = "danger-full-access" where something else confines hookline',
      },
    )
  },
}
