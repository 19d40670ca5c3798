/** A decision on its way through a hook point: immutable, and it only tightens. */
export interface Gate<Self> {
  /** What the kernel checks after every tap; false makes the tap a failing one. */
  follows(before: Self): boolean
}

/** True for what travels as a gate, whatever it decides. */
export function isGate(value: unknown): value is Gate<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'follows' in value &&
    typeof value.follows === 'function'
  )
}
