/** A decision on its way through a hook point: immutable, and it only tightens. */
export interface Gate<Self> {
  /** What the kernel checks after every tap; false makes the tap a failing one. */
  follows(before: Self): boolean
}
