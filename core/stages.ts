import type { Stage } from './plugin.ts'

/** The one table of stages; the order of plugins breaks ties. */
export const stages = {
  policy: -300,
  guard: -200,
  early: -100,
  default: 0,
  late: 100,
  review: 200,
  ask: 300,
  fallback: 400,
} as const satisfies Record<Stage, number>

/** True for the stages that plugins which are not built in may use. */
export function isOpenStage(stage: Stage): boolean {
  return stage === 'early' || stage === 'default' || stage === 'late'
}
