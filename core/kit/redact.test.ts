import { describe, expect, it } from 'vitest'
import { Redactor } from './redact.ts'

const key = 'sk-Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7Ii8Jj9'

function redactorOf(...secrets: string[]): Redactor {
  const redactor = new Redactor()
  for (const secret of secrets) redactor.add(secret)
  return redactor
}

describe('Redactor', () => {
  it('replaces whole values wherever they stand', () => {
    const redactor = redactorOf(key, 'short-one')
    expect(redactor.redact(`${key} and ${key}, short-one.`)).toBe(
      '<redacted> and <redacted>, <redacted>.',
    )
  })

  it('replaces every part of 12 characters or more, at any offset', () => {
    const redactor = redactorOf(key)
    for (let start = 0; start + 12 <= key.length; start += 1) {
      for (let shift = 0; shift < 7; shift += 1) {
        const around = '.'.repeat(shift)
        expect(redactor.redact(`${around}${key.slice(start, start + 12)}${around}`)).toBe(
          `${around}<redacted>${around}`,
        )
      }
    }
  })

  it('takes as much of a part as belongs to the secret', () => {
    expect(redactorOf(key).redact(`x${key.slice(3, 30)}x`)).toBe('x<redacted>x')
  })

  it('leaves parts below 12 characters, and parts of short values', () => {
    const text = `${key.slice(0, 11)} short-on`
    expect(redactorOf(key, 'short-one').redact(text)).toBe(text)
  })

  it('ignores values below 8 characters and blanks around a value', () => {
    const redactor = redactorOf('1234567', '   ', '', ' 12345678\n')
    expect(redactor.redact('1234567 12345678')).toBe('1234567 <redacted>')
  })

  it('merges what overlaps or touches', () => {
    expect(redactorOf('aaaabbbbcccc', 'bbbbccccdddd').redact('<aaaabbbbccccdddd>')).toBe(
      '<<redacted>>',
    )
    expect(redactorOf(key).redact(`${key}${key}`)).toBe('<redacted>')
  })

  it('covers a secret of several lines that was quoted or wrapped', () => {
    const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END KEY-----'
    const redacted = redactorOf(pem).redact(JSON.stringify({ pem }))
    for (const part of ['MIIEvQIBADAN', '9w0BAQEFAAS']) expect(redacted).not.toContain(part)
  })

  it('finds every part in random texts that a plain search finds', () => {
    const letters = 'ab'
    let seed = 7
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const word = (length: number) =>
      Array.from({ length }, () => letters[Math.floor(random() * 2)]).join('')
    for (let round = 0; round < 200; round += 1) {
      const secret = word(30)
      const text = word(40)
      const redacted = redactorOf(secret).redact(text)
      const hit = Array.from({ length: 29 }, (_, at) => text.slice(at, at + 12)).some((part) =>
        secret.includes(part),
      )
      expect(redacted !== text).toBe(hit)
      for (let at = 0; at + 12 <= secret.length; at += 1)
        expect(redacted).not.toContain(secret.slice(at, at + 12))
    }
  })

  it('is quick with a text that holds none', () => {
    const redactor = redactorOf(
      ...Array.from({ length: 20 }, (_, index) => `${key}${index}`.repeat(30)),
    )
    const text = 'an ordinary line of text, number 12345\n'.repeat(50_000)
    const started = performance.now()
    expect(redactor.redact(text)).toBe(text)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
