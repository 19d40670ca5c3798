import { describe, expect, it } from 'vitest'
import { coreSettings } from './core-settings.ts'

const words = [
  '',
  ' ',
  'x',
  'on-request',
  'on-failure',
  'never',
  'untrusted',
  'trusted',
  'user',
  'auto_review',
  'high',
]
const modes = [
  'read-only',
  'workspace-write',
  'danger-full-access',
  'responses',
  'chat',
  'anthropic',
  'flex',
]
const urls = [
  'http://127.0.0.1:1/v1',
  'https://api.example.com',
  ' https://api.example.com ',
  'not a url',
  'http://',
  'localhost:80',
  'mailto:x',
  'https://exa mple.com',
  'http://a\n',
  'http://a:65535/v1',
  'http://a:99999',
  'http://1.2.3.4.5',
  'http://...',
  'http://[::1]:80/',
  'https://ä.example/?q=1#x',
  'http:/a',
]
const numbers = [0, -0, 1, -1, 1.5, 2 ** 53, 2 ** 60, Infinity, Number.NaN, 1n]
const others = [
  undefined,
  null,
  true,
  false,
  [],
  [1],
  ['a'],
  [''],
  [[]],
  {},
  new Date(0),
  new Map(),
  () => 1,
  Symbol('x'),
]
const scalars: readonly unknown[] = [...words, ...modes, ...urls, ...numbers, ...others]

const keys = [
  'name',
  'base_url',
  'wire_api',
  'env_key',
  'auth',
  'http_headers',
  'experimental_bearer_token',
  'request_max_retries',
  'stream_max_retries',
  'stream_idle_timeout_ms',
  'trust_level',
  'granular',
  'disable',
  'writable_roots',
  'network_access',
  'exclude_tmpdir_env_var',
  'exclude_slash_tmp',
  'nonsense',
  '__proto__',
]

const tables = keys.flatMap((key) => scalars.map((value) => Object.fromEntries([[key, value]])))
const mixed = [
  {
    base_url: 'http://127.0.0.1:1/v1',
    name: 'm',
    wire_api: 'responses',
    env_key: 'K',
    request_max_retries: 0,
  },
  { writable_roots: ['/a'], network_access: true, exclude_tmpdir_env_var: false },
]
const nested = [...scalars, ...tables, ...mixed].map((value) => ({ '/a b': value, other: {} }))
const values: readonly unknown[] = [...scalars, ...tables, ...mixed, ...nested]

describe('the cheap checks of the settings of core', () => {
  it.each(Object.entries(coreSettings))(
    '%s: what it accepts, its schema hands on unchanged',
    async (_key, setting) => {
      const schema = await setting.schema()
      const accepted = values.filter((value) => setting.accepts?.(value))
      for (const value of accepted)
        expect(schema.safeParse(value)).toStrictEqual({ success: true, data: value })
      expect(accepted.length > 0).toBe(setting.accepts !== undefined)
    },
  )

  it.each(Object.entries(coreSettings))(
    '%s: a fallback is what its schema allows',
    async (_key, setting) => {
      const schema = await setting.schema()
      expect(schema.safeParse(setting.fallback)).toStrictEqual({
        success: true,
        data: setting.fallback,
      })
    },
  )
})
