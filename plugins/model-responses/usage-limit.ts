import { HooklineError } from 'hookline'
import { sayWhen } from './retry-after.ts'
import { textField, type Json } from './wire.ts'

/** What the owner of an exhausted plan can do; `wait` where nothing else helps. */
type Advice =
  | 'upgrade_plus'
  | 'upgrade_pro_or_credits'
  | 'buy_credits'
  | 'ask_admin'
  | 'wait'
  | 'switch_model'

const byPlan: ReadonlyMap<string, Advice> = new Map<string, Advice>([
  ['free', 'upgrade_plus'],
  ['plus', 'upgrade_pro_or_credits'],
  ['pro', 'buy_credits'],
  ['team', 'ask_admin'],
  ['business', 'ask_admin'],
  ['self_serve_business_usage_based', 'ask_admin'],
])

/** Limits that belong to a workspace and say so in their name. */
const byType: ReadonlyMap<string, Advice> = new Map<string, Advice>([
  ['usage_limit_reached', 'wait'],
  ['workspace_owner_credits_depleted', 'buy_credits'],
  ['workspace_member_credits_depleted', 'ask_admin'],
  ['workspace_owner_usage_limit_reached', 'wait'],
  ['workspace_member_usage_limit_reached', 'ask_admin'],
])

const remedies: Readonly<Record<Advice, string>> = {
  upgrade_plus: 'upgrade to Plus to go on now',
  upgrade_pro_or_credits: 'upgrade to Pro or buy credits to go on now',
  buy_credits: 'buy credits to go on now',
  ask_admin: 'ask your admin for more access',
  wait: 'wait until then',
  switch_model: 'choose another model with -m',
}

type Header = (name: string) => string | undefined

/** The failure for an exhausted plan; undefined where the error is something else. */
export function usageLimit(error: Json, header: Header, now: number): HooklineError | undefined {
  const type = textField(error, 'type') ?? textField(error, 'code') ?? ''
  const general = byType.get(type)
  if (general === undefined) return undefined
  const bucket = limitedBucket(header)
  const plan = textField(error, 'plan_type')
  const advice =
    bucket === undefined
      ? (byPlan.get(type === 'usage_limit_reached' ? (plan ?? '') : '') ?? general)
      : 'switch_model'
  const at = resetTime(error, now)
  const what =
    bucket === undefined
      ? 'the usage limit of the account is reached'
      : `the usage limit for ${bucket} is reached`
  return new HooklineError(
    'USAGE_LIMIT_REACHED',
    `${what}; try again ${at === undefined ? 'later' : `at ${sayWhen(at, now)}`}`,
    {
      hint: remedies[advice],
      retry: { phase: 'open', retryable: false },
      details: {
        advice,
        ...(plan === undefined ? {} : { plan }),
        ...(at === undefined ? {} : { resetsAt: new Date(at).toISOString() }),
      },
    },
  )
}

/** The name of the one model that is limited, where it is not the account as a whole. */
function limitedBucket(header: Header): string | undefined {
  const active = header('x-codex-active-limit')
  if (active === undefined || !/^[\w-]+$/.test(active)) return undefined
  const name = header(`x-${active}-limit-name`)
  return name === undefined || name.toLowerCase() === 'codex' ? undefined : name
}

function resetTime(error: Json, now: number): number | undefined {
  const [at, seconds] = [error['resets_at'], error['resets_in_seconds']]
  const time =
    typeof at === 'number' ? at * 1000 : typeof seconds === 'number' ? now + seconds * 1000 : NaN
  return Number.isFinite(new Date(time).getTime()) ? time : undefined
}
