import { openSync, readFileSync, readdirSync } from 'node:fs'

const closeOnExec = 0o2000000
const firstOther = 3

let leaked: readonly number[] | undefined
let nothing: number | undefined

/** What a sandbox is given from descriptor 3 on: the filter, and nothing where this process was started with more. */
export function descriptorsWith(filter: number): readonly (number | 'ignore')[] {
  leaked ??= inheritable()
  const descriptors: (number | 'ignore')[] = [filter]
  for (const number of leaked) {
    nothing ??= openSync('/dev/null', 'r')
    if (number > firstOther) descriptors[number - firstOther] = nothing
  }
  return Array.from(descriptors, (descriptor) => descriptor ?? 'ignore')
}

/** Node closes what it opens itself, and the lower ones of those it was started with, but not all. */
function inheritable(): readonly number[] {
  const numbers = readdirSync('/proc/self/fd').map(Number)
  return numbers.filter((number) => number >= firstOther && !isClosedOnExec(number))
}

function isClosedOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(
      readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'),
    )?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) !== 0
  } catch {
    // It was only open for the listing.
    return true
  }
}

/** The first child of a process; `undefined` where it has none yet, or any more. */
export function firstChildOf(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ')
    return first === undefined || first === '' ? undefined : Number(first)
  } catch {
    return undefined
  }
}
