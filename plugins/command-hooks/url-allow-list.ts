/** Says whether an address may be sent events. */
export type UrlTest = (url: string) => boolean

const form = /^(https?):\/\/([\w.*-]+|\[[\da-fA-F:.]+\])(?::(\d+|\*))?(\/[^\s#]*)?$/

const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** True for an entry of the list: a scheme, a host and at most a port and a path; a star stands for anything within its part. */
export function isUrlPattern(pattern: unknown): pattern is string {
  return typeof pattern === 'string' && form.test(pattern)
}

/** A star in a host never reaches beyond it, so that nobody else's host can be made to match. */
function partTest(pattern: string, any: string): (part: string) => boolean {
  const source = pattern
    .split('*')
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`))
    .join(any)
  const found = new RegExp(`^${source}$`, 's')
  return (part) => found.test(part)
}

function entryTest(pattern: string): (url: URL) => boolean {
  const [, scheme = '', host = '', port, path = '/*'] = form.exec(pattern) ?? []
  const isHost = partTest(host.toLowerCase(), '[a-z0-9.-]*')
  const isPort = port === '*' ? () => true : partTest(port ?? defaultPorts[scheme] ?? '', '')
  const isPath = partTest(path, '.*')
  return (url) =>
    url.protocol === `${scheme}:` &&
    url.username === '' &&
    url.password === '' &&
    isHost(url.hostname) &&
    isPort(url.port || (defaultPorts[scheme] ?? '')) &&
    isPath(url.pathname + url.search)
}

/** Compiles the list of addresses that hooks may use. What is no pattern allows nothing. */
export function urlTest(patterns: readonly unknown[]): UrlTest {
  const tests = patterns.filter(isUrlPattern).map(entryTest)
  return (address) => {
    const url = URL.parse(address)
    return url !== null && tests.some((test) => test(url))
  }
}
