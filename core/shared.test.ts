import { describe, expect, it } from 'vitest'
import { SharedThings } from './shared.ts'

const key = { id: 'thing' }

function disposable(disposed: string[], name: string): AsyncDisposable {
  return { [Symbol.asyncDispose]: async () => void disposed.push(name) }
}

describe('a shared thing', () => {
  it('that was made in a second attempt lives as long as whoever made it uses it', async () => {
    const things = new SharedThings()
    const disposed: string[] = []
    const [first, second] = [things.lease(), things.lease()]
    const failing = first.get(key, 'home', () => Promise.reject(new Error('not yet')))
    await expect(failing).rejects.toThrow('not yet')
    await first.get(key, 'home', () => disposable(disposed, 'thing'))
    await second.get(key, 'home', () => disposable(disposed, 'other'))
    await second[Symbol.asyncDispose]()
    expect(disposed).toEqual([])
    await first[Symbol.asyncDispose]()
    expect(disposed).toEqual(['thing'])
  })

  it('is disposed although another one cannot be', async () => {
    const things = new SharedThings()
    const disposed: string[] = []
    const lease = things.lease()
    await lease.get({ id: 'bad' }, 'home', () => ({
      [Symbol.dispose]: () => {
        throw new Error('stuck')
      },
    }))
    await lease.get({ id: 'good' }, 'home', () => disposable(disposed, 'good'))
    await expect(lease[Symbol.asyncDispose]()).rejects.toThrow('stuck')
    expect(disposed).toEqual(['good'])
  })
})
