import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** In the environment of every process that was started here; its value tells the trees apart. */
export const processTreeVariable = 'HOOKLINE_PROCESS_TREE'

const defaultGraceMs = 500
/** What survives SIGKILL this long hangs in the system and cannot be helped. */
const giveUpMs = 3_000
const longestPollMs = 25
/** A look takes a millisecond or two; what was killed is gone after a few. */
const mostLooks = 50

export interface Tree {
  readonly pid: number
  readonly marker?: string | undefined
  readonly graceMs?: number | undefined
  /** Says that the first process was reaped: from then on its pid may belong to a stranger. */
  readonly hasExited?: () => boolean
}

interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly isDead: boolean
  /** Tells two processes apart that had the same pid. */
  readonly startedAt: string
}

type ProcessTable = ReadonlyMap<number, ProcessRow>

/** A tree while it is being ended: all members ever seen, by pid, with their start. */
interface Hunt {
  readonly tree: Tree
  readonly seen: Map<number, string>
}

/**
 * Ends a process with all that it started: its group, its descendants and, with a marker, whatever carries it in
 * HOOKLINE_PROCESS_TREE. Asks with SIGTERM and forces with SIGKILL after `graceMs`, 500 without it.
 */
export async function killTree(pid: number, marker?: string, graceMs?: number): Promise<void> {
  await endTree({ pid, marker, graceMs })
}

/** What `killTree` does, for a process whose end is known; false when something could not be ended. */
export async function endTree(tree: Tree): Promise<boolean> {
  const hunt: Hunt = { tree, seen: new Map() }
  try {
    const askUntil = performance.now() + (tree.graceMs ?? defaultGraceMs)
    while (performance.now() < askUntil) {
      if (!signalMembers(hunt, 'SIGTERM')) return true
      await goneBy(hunt, askUntil)
    }
    const forceUntil = performance.now() + giveUpMs
    while (performance.now() < forceUntil) {
      if (!signalMembers(hunt, 'SIGKILL')) return true
      await goneBy(hunt, performance.now() + longestPollMs)
    }
  } catch {
    // Without a list of the processes the group is all that is known.
    send(-tree.pid, 'SIGKILL')
  }
  return false
}

/** Ends a tree without giving it time, for a process that is about to end itself. */
export function endTreeNow(tree: Tree): void {
  const hunt: Hunt = { tree, seen: new Map() }
  try {
    // What is becoming another program has no environment for a moment, and is not found then.
    for (let looks = 0; looks < mostLooks && signalMembers(hunt, 'SIGKILL');) looks += 1
  } catch {
    send(-tree.pid, 'SIGKILL')
  }
}

/** Looks for the members afresh, because they may have started more; false when none is left. */
function signalMembers(hunt: Hunt, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  const members = membersOf(hunt, readTable())
  const pids = new Set(members.map((member) => member.pid))
  const groups = new Set<number>()
  for (const { pid, group, startedAt } of members) {
    hunt.seen.set(pid, startedAt)
    // A group is signalled at once, so that nobody in it can start others meanwhile.
    if (group === hunt.tree.pid || pids.has(group)) groups.add(group)
  }
  for (const group of groups) send(-group, signal)
  for (const { pid, group } of members) if (!groups.has(group)) send(pid, signal)
  return members.length > 0
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch {
    // It has ended meanwhile, or became somebody else's.
  }
}

function membersOf({ tree, seen }: Hunt, table: ProcessTable): ProcessRow[] {
  const isReused = isStranger({ tree, seen }, table.get(tree.pid))
  const isSeed = (row: ProcessRow) =>
    seen.get(row.pid) === row.startedAt ||
    (!isReused && (row.pid === tree.pid || row.group === tree.pid || row.session === tree.pid)) ||
    (tree.marker !== undefined && carries(row.pid, tree.marker))
  const members = new Map<number, ProcessRow>()
  const children = Map.groupBy(table.values(), (row) => row.parent)
  const add = (row: ProcessRow) => {
    if (members.has(row.pid) || row.pid === process.pid || row.pid === 1) return
    members.set(row.pid, row)
    for (const child of children.get(row.pid) ?? []) add(child)
  }
  for (const row of table.values()) if (!members.has(row.pid) && isSeed(row)) add(row)
  return [...members.values()].filter((row) => !row.isDead)
}

function isStranger({ tree, seen }: Hunt, first: ProcessRow | undefined): boolean {
  if (first === undefined) return false
  const known = seen.get(tree.pid)
  return tree.hasExited?.() === true || (known !== undefined && known !== first.startedAt)
}

async function goneBy({ seen }: Hunt, deadline: number): Promise<void> {
  for (let wait = 1; ; wait = Math.min(wait * 2, longestPollMs)) {
    await delay(Math.max(0, Math.min(wait, deadline - performance.now())))
    const table = readTable(seen.keys())
    const isAlive = ([pid, startedAt]: readonly [number, string]) => {
      const row = table.get(pid)
      return row !== undefined && !row.isDead && row.startedAt === startedAt
    }
    if (![...seen].some(isAlive) || performance.now() >= deadline) return
  }
}

function carries(pid: number, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker)
  } catch {
    return false
  }
}

/** The processes of the machine, or at least those asked for. */
function readTable(pids?: Iterable<number>): ProcessTable {
  const hasProc = process.platform === 'linux' && existsSync('/proc/self/stat')
  const rows = hasProc ? Array.from(pids ?? pidsOfProc(), rowOfProc) : rowsOfPs()
  return new Map(rows.map((row) => [row.pid, row]))
}

function pidsOfProc(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

function rowOfProc(pid: number): ProcessRow {
  let text = ''
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    // It has ended meanwhile.
  }
  // The name in brackets may hold anything, brackets and blanks included.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = '', parent, group, session] = fields
  const numbers = { parent: Number(parent), group: Number(group), session: Number(session) }
  return { pid, ...numbers, isDead: /^[ZX]?$/.test(state), startedAt: fields[19] ?? '' }
}

function rowsOfPs(): ProcessRow[] {
  const options = ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart=']
  const lines = execFileSync('ps', options, { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent, group, state = '', ...startedAt] = line.trim().split(/\s+/)
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group), session: -1 }
    return { ...numbers, isDead: state.startsWith('Z'), startedAt: startedAt.join(' ') }
  })
}
