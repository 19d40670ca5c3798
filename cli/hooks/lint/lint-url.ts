import { everywhere, will } from './finding.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'

const isLocal = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)

/** The address of an http handler. */
export function lintUrl({ type, fields, path }: HandlerNode, { findings }: LintContext): void {
  if (type !== 'http') return
  const { url } = fields
  const at = url === undefined ? path : [...path, 'url']
  const parsed = typeof url === 'string' ? URL.parse(url) : null
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    findings.add('UrlInvalid', at, {
      message: 'the handler has no address that begins with https:// or http://',
      consequences: everywhere(will('skipped', 'cannot run it')),
      fix: 'give it a "url"',
    })
    return
  }
  if (parsed.protocol === 'https:' || isLocal(parsed.hostname)) return
  findings.add('UrlInsecure', at, {
    message: `what the session does is sent to ${parsed.host} without encryption`,
    consequences: everywhere(will('ignored', 'may refuse it, or sends it in the clear')),
    fix: 'use https://',
  })
}
