import { readFile } from 'node:fs/promises'
import { HooklineError, messageOf } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface ProxyAddresses {
  readonly HTTP_PROXY?: string
  readonly HTTPS_PROXY?: string
  readonly NO_PROXY: string
}

interface AuthorityFile {
  readonly variable: string
  readonly path: string
}

const authorityVariables = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'HOOKLINE_CA_CERTIFICATE']

/**
 * Makes a `fetch` that uses the proxies and certificate authorities which the environment names. Where it names none it
 * is the global one. Loopback addresses are never asked for through a proxy; proxies are http or https ones.
 */
export function createFetch(options: { readonly env?: Environment } = {}): typeof fetch {
  const env = options.env ?? process.env
  const proxies = proxiesOf(env)
  const authorities = authoritiesOf(env)
  if (proxies === undefined && authorities.length === 0) return globalThis.fetch
  let loaded: Promise<typeof fetch> | undefined
  return async (input, init) => {
    loaded ??= load(proxies, authorities)
    return (await loaded)(input, init)
  }
}

async function load(
  proxies: ProxyAddresses | undefined,
  authorities: readonly AuthorityFile[],
): Promise<typeof fetch> {
  const [{ agentFetch }, certificates] = await Promise.all([
    import('./agent-fetch.ts'),
    Promise.all(authorities.map(readAuthority)),
  ])
  return agentFetch(proxies, certificates)
}

async function readAuthority({ variable, path }: AuthorityFile): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new HooklineError(
      'CONFIG_UNREADABLE',
      `the certificates of ${variable} cannot be read: ${messageOf(error)}`,
      {
        hint: `set ${variable} to a PEM file, or unset it`,
        cause: error,
      },
    )
  }
}

function authoritiesOf(env: Environment): AuthorityFile[] {
  const found: AuthorityFile[] = []
  for (const variable of authorityVariables) {
    const path = env[variable]
    if (path === undefined || path === '' || found.some((other) => other.path === path)) continue
    // Node has read this one itself when it started.
    if (variable === 'NODE_EXTRA_CA_CERTS' && path === process.env['NODE_EXTRA_CA_CERTS']) continue
    found.push({ variable, path })
  }
  return found
}

function proxiesOf(env: Environment): ProxyAddresses | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined
  const all = read('ALL_PROXY')
  const http = proxyUrl(read('HTTP_PROXY') ?? all)
  const https = proxyUrl(read('HTTPS_PROXY') ?? all)
  if (http === undefined && https === undefined) return undefined
  const loopback = 'localhost,127.0.0.1,::1,[::1]'
  return {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [read('NO_PROXY'), loopback].filter(Boolean).join(','),
  }
}

function proxyUrl(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const url = address.includes('://') ? address : `http://${address}`
  return /^https?:/i.test(url) && URL.canParse(url) ? url : undefined
}
