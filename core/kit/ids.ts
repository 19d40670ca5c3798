/** Makes an id that sorts by the time it was made; two of the same microsecond sort at random. */
export function uuid7(): string {
  const now = preciseNow()
  const millis = Math.floor(now)
  const fraction = Math.floor((now - millis) * 4096)
  const random = crypto.getRandomValues(new Uint8Array(8))
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80
  const time = millis.toString(16).padStart(12, '0')
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const sub = fraction.toString(16).padStart(3, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sub}-${tail.slice(0, 4)}-${tail.slice(4)}`
}

/** The wall clock with fractions, unless it was set since the process started. */
function preciseNow(): number {
  const wall = Date.now()
  const precise = performance.timeOrigin + performance.now()
  return Math.abs(precise - wall) < 50 ? precise : wall
}
