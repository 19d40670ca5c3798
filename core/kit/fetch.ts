import { readFile } from 'node:fs/promises'
import { HooklineError, messageOf } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Node takes a name only where the key is there. */
type Proxies = Readonly<Partial<Record<'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY', string>>>

const loopback = 'localhost,127.0.0.1,::1,[::1]'

/**
 * Makes a `fetch` that uses the proxies and certificate authorities which the environment names. Where it names none it
 * is the global one. Loopback addresses are never asked for through a proxy; proxies are http or https ones.
 */
export function createFetch(options: { readonly env?: Environment } = {}): typeof fetch {
  const env = options.env ?? process.env
  const proxies = proxiesOf(env)
  const authorities = authoritiesOf(env)
  if (proxies === undefined && authorities.size === 0) return globalThis.fetch
  let loaded: Promise<typeof fetch> | undefined
  return async (input, init) => {
    loaded ??= load(proxies, authorities)
    return (await loaded)(input, init)
  }
}

type Authorities = ReadonlyMap<string, string>

async function load(proxies: Proxies | undefined, authorities: Authorities): Promise<typeof fetch> {
  const [{ agentFetch }, ...certificates] = await Promise.all([
    import('./agent-fetch.ts'),
    ...Array.from(authorities, readAuthority),
  ])
  return agentFetch(proxies, certificates)
}

async function readAuthority([path, variable]: readonly [string, string]): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const message = `the certificates of ${variable} cannot be read: ${messageOf(error)}`
    const hint = `set ${variable} to a PEM file, or unset it`
    throw new HooklineError('CONFIG_UNREADABLE', message, { hint, cause: error })
  }
}

/** The files with the variable that names each. */
function authoritiesOf(env: Environment): Authorities {
  const names = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'HOOKLINE_CA_CERTIFICATE']
  const files = new Map(names.map((name) => [env[name] ?? '', name]))
  files.delete('')
  // This one Node has read itself when it started.
  const known = process.env['NODE_EXTRA_CA_CERTS']
  if (known !== undefined) files.delete(known)
  return files
}

function proxiesOf(env: Environment): Proxies | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || ''
  const addresses = ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name) => {
    const address = read(name) || read('ALL_PROXY')
    const url = address.includes('://') ? address : `http://${address}`
    return /^https?:\/\/./i.test(url) && URL.canParse(url) ? [[name, url] as const] : []
  })
  if (addresses.length === 0) return undefined
  return { ...Object.fromEntries(addresses), NO_PROXY: `${read('NO_PROXY')},${loopback}` }
}
