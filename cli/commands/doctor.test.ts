import { describe, expect, it, vi } from 'vitest'
import { doctorCommand } from './doctor.ts'

describe('hookline doctor', () => {
  it('shows its flags when it is asked for help', async () => {
    const texts: string[] = []
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      texts.push(String(text))
      return true
    })
    try {
      expect(await doctorCommand(['--help'], {})).toBe(0)
    } finally {
      write.mockRestore()
    }
    expect(texts.join('')).toContain('--strict-config')
  })
})
