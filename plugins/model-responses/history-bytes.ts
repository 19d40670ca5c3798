import { itemJson, type Item } from 'hookline'

/** The encoded items of one conversation; the buffer is larger than what is in use. */
interface Encoded {
  buffer: Buffer
  bytes: number
  count: number
  first: Item | undefined
  last: Item | undefined
}

const smallest = 16 * 1024
const encoded = new WeakMap<readonly Item[], Encoded>()

function isContinued({ count, first, last }: Encoded, items: readonly Item[]): boolean {
  return count <= items.length && items[0] === first && items[count - 1] === last
}

function append(to: Encoded, text: string): void {
  const size = Buffer.byteLength(text)
  if (to.bytes + size > to.buffer.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(smallest, (to.bytes + size) * 2))
    to.buffer.copy(larger, 0, 0, to.bytes)
    to.buffer = larger
  }
  to.bytes += to.buffer.write(text, to.bytes)
}

/**
 * The items as JSON, joined by commas. A list that only grows is encoded only where it grew, and its bytes stay where they
 * are: a request of a long conversation makes no copy of it.
 */
export function historyBytes(items: readonly Item[]): Uint8Array {
  const known = encoded.get(items)
  const fresh = { buffer: Buffer.alloc(0), bytes: 0, count: 0, first: undefined, last: undefined }
  const history = known && isContinued(known, items) ? known : fresh
  for (const item of items.slice(history.count)) {
    append(history, history.count === 0 ? itemJson(item) : `,${itemJson(item)}`)
    history.count += 1
  }
  history.first = items[0]
  history.last = items.at(-1)
  encoded.set(items, history)
  return history.buffer.subarray(0, history.bytes)
}
