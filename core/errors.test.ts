import { describe, expect, it } from 'vitest'
import { isHooklineError, wrapError } from './errors.ts'

describe('an error from elsewhere', () => {
  it('is not taken for one of ours because every object has a member of that name', () => {
    const error = Object.assign(new Error('no'), { code: 'constructor' })
    expect(isHooklineError(error)).toBe(false)
    expect(wrapError(error, 'INTERNAL')).toMatchObject({ code: 'INTERNAL', message: 'no' })
  })
})
