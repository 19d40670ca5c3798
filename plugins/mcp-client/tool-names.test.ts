import { describe, expect, it } from 'vitest'
import { namespacesOf, toolNamesOf } from './tool-names.ts'

const long = 'a_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on'

describe('the names of tools', () => {
  it('have no other characters than endpoints take', () => {
    const names = toolNamesOf('mcp__srv', ['echo', 'write-it', 'get.thing/v2', 'grüß'])
    expect([...names.values()]).toEqual(['echo', 'write_it', 'get_thing_v2', 'gr__'])
  })

  it('stay apart when they would become one, whatever their order', () => {
    const names = toolNamesOf('mcp__srv', ['go-od', 'go_od', 'go.od'])
    expect(names.get('go_od')).toBe('go_od')
    expect(names.get('go-od')).toMatch(/^go_od_[0-9a-f]{8}$/)
    expect(new Set(names.values()).size).toBe(3)
    expect(toolNamesOf('mcp__srv', ['go.od', 'go-od', 'go_od']).get('go-od')).toBe(
      names.get('go-od'),
    )
  })

  it('fit, together with their namespace', () => {
    const namespace = namespacesOf([long]).get(long) ?? ''
    const names = [...toolNamesOf(namespace, [`${long}1`, `${long}2`]).values()]
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(`${namespace}__${name}`.length).toBeLessThanOrEqual(64)
  })

  it('keep the namespaces of servers apart', () => {
    const namespaces = namespacesOf(['my-srv', 'my.srv', 'other'])
    expect(namespaces.get('other')).toBe('mcp__other')
    expect(new Set(namespaces.values()).size).toBe(3)
  })
})
