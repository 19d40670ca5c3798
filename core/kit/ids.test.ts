import { describe, expect, it, vi } from 'vitest'
import { uuid7 } from './ids.ts'

describe('uuid7', () => {
  it('has the form, version and variant, and the time in front', () => {
    const before = Date.now()
    const id = uuid7()
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
    expect(time).toBeGreaterThanOrEqual(before - 50)
    expect(time).toBeLessThanOrEqual(Date.now() + 50)
  })

  it('never repeats, and sorts by time', () => {
    const ids = Array.from({ length: 10_000 }, uuid7)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((_, index) => index % 100 === 0)).toEqual(
      ids.filter((_, index) => index % 100 === 0).toSorted(),
    )
  })

  it('follows a wall clock that was set', () => {
    vi.spyOn(Date, 'now').mockReturnValue(0x0123456789ab)
    expect(uuid7()).toMatch(/^01234567-89ab-7000-/)
    vi.restoreAllMocks()
  })
})
