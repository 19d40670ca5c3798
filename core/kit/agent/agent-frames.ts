import { resolve } from 'node:path'
import type { SpawnOptions } from '../spawn.ts'

/** What the agent says of a job, and of itself. */
export interface AgentFrame {
  readonly kind: string
  readonly id: number
  readonly data: Buffer
}

/** The system takes about so much at once; longer ones are left to where the refusal is explained. */
const longestJob = 100_000

/** A job as the agent reads it; undefined where it cannot be told to it. */
export function encodeJob(id: number, options: SpawnOptions): Buffer | undefined {
  const { file, args, cwd, env, argv0 = file, stdinFd, stdio, extraFds = [] } = options
  if (stdinFd === undefined || stdio !== undefined || extraFds.length > 0) return undefined
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const head = [id, stdinFd, resolve(cwd), file, args.length + 1]
  const words = [...head, argv0, ...args, ...variables]
  const text = words.join('\0')
  // A word with a NUL in it would be read as two.
  if (text.split('\0').length !== words.length) return undefined
  const size = Buffer.byteLength(text)
  if (size > longestJob) return undefined
  const frame = Buffer.allocUnsafe(4 + size)
  frame.writeUInt32BE(size)
  frame.write(text, 4)
  return frame
}

/** Tells the agent that it is not needed any more. */
export const farewell = Buffer.alloc(4)

const headBytes = 13

/** Puts pieces of a stream together again. */
export function frameReader(onFrame: (frame: AgentFrame) => void): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    while (rest.length >= headBytes) {
      const end = headBytes + rest.readUInt32BE(9)
      if (rest.length < end) return
      const kind = rest.toString('latin1', 0, 5)
      const [id, data] = [rest.readUInt32BE(5), rest.subarray(headBytes, end)]
      rest = rest.subarray(end)
      onFrame({ kind, id, data })
    }
  }
}
