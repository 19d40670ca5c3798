import type { ExecPlan } from 'hookline'
import { ttyCommand } from 'hookline/kit'
import { frame, type ProcKind } from './frame.ts'
import { mountsFor } from './mounts.ts'

/** Bubblewrap with all its words, ready to be started with the system call filter as descriptor 3. */
export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Must be called once nobody runs in the sandbox any more. */
  readonly release: () => void
}

/** Works out how a plan is started. Throws SANDBOX_REFUSED where it cannot be enforced. */
export async function prepareLaunch(
  plan: ExecPlan,
  bwrap: string,
  proc: ProcKind,
): Promise<Launch> {
  const { words, release } = await mountsFor(plan)
  const { network } = plan.sandbox
  const { launcher, inside } = splitEnvironment({ ...plan.env, ...told(network) })
  const command = plan.tty ? ttyCommand(plan.command) : plan.command
  const variables = Object.entries(inside).flatMap(([name, value]) => ['--setenv', name, value])
  const args = [
    ...frame({ network, proc }),
    ...words,
    ...variables,
    '--chdir',
    plan.cwd,
    '--',
    ...command,
  ]
  return { file: bwrap, args, env: launcher, release }
}

function told(network: boolean): Readonly<Record<string, string>> {
  const disabled = { HOOKLINE_SANDBOX_NETWORK_DISABLED: '1', CODEX_SANDBOX_NETWORK_DISABLED: '1' }
  return { HOOKLINE_SANDBOX: 'bwrap', ...(network ? {} : disabled) }
}

/** What would make the launcher, which runs outside, load or do something; the command gets it all the same. */
const steersLauncher =
  /^(?:LD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_.*|BASH_ENV|ENV)$/

/** Most variables travel as the launcher's own: its words can be read by every user of the machine. */
function splitEnvironment(env: Readonly<Record<string, string>>) {
  const launcher: Record<string, string> = {}
  const inside: Record<string, string> = {}
  for (const [name, value] of Object.entries(env))
    (steersLauncher.test(name) ? inside : launcher)[name] = value
  return { launcher, inside }
}
