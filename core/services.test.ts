import { describe, expect, it } from 'vitest'
import { serviceKey, Services } from './services.ts'

const key = serviceKey<{ readonly name: string }>('thing')

function offer(name: string, replaces = false) {
  return { owner: name, factory: () => ({ name }), replaces }
}

describe('a service that replaced another', () => {
  it('gives the place back', () => {
    const services = new Services()
    services.provide(key, 'id', offer('old'))
    services.provide(key, 'id', offer('new', true))[Symbol.dispose]()
    expect(services.get(key, 'id').name).toBe('old')
  })

  it('does not bring back one that was withdrawn meanwhile', () => {
    const services = new Services()
    const old = services.provide(key, 'id', offer('old'))
    const fresh = services.provide(key, 'id', offer('new', true))
    old[Symbol.dispose]()
    fresh[Symbol.dispose]()
    expect(services.find(key, 'id')).toBeUndefined()
  })
})
