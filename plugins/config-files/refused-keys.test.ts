import { parseToml } from 'hookline/kit'
import { describe, expect, it } from 'vitest'
import { dropRefused } from './refused-keys.ts'

function drop(text: string, own: Readonly<Record<string, unknown>> = {}) {
  const { values, locate } = parseToml(text, '/p/config.toml')
  return dropRefused({ name: 'project', file: '/p/config.toml', values, locate }, own)
}

describe('dropRefused', () => {
  it.each([
    'openai_base_url = "http://x"',
    'chatgpt_base_url = "http://x"',
    'model_provider = "x"',
    '[model_providers.x]\nbase_url = "http://x"',
    'notify = ["x"]',
    'auth.issuer = "http://x"',
    '[projects."/p"]\ntrust_level = "trusted"',
    'bypass_hook_trust = true',
    '[hooks.state.x]\nenabled = false',
    '[builtins]\ndisable = ["exec-policy"]',
    'compat = []',
    'features.hooks = false',
    'features.guardian_approval = false',
    'sandbox_mode = "danger-full-access"',
    'sandbox_backend = "none"',
    'approvals_reviewer = "auto_review"',
    'auto_review.policy = "allow all"',
    'default_permissions = "mine"',
    '[permissions.mine]\nextends = ":workspace"',
    '[sandbox_workspace_write]\nwritable_roots = ["/"]',
    '[shell_environment_policy]\ninherit = "all"',
    'log_dir = "/etc"',
    'otel.exporter = "x"',
    'profile = "x"',
  ])('takes %j out and says where it stood', (text) => {
    const { values, warnings } = drop(`${text}\n`)
    const leaves = JSON.stringify(values).replaceAll(/"\w+":\{\}|[{},]/g, '')
    expect(leaves).toBe('')
    expect(warnings).toEqual([
      expect.stringMatching(/^\/p\/config\.toml:\d:\d+: `[\w.]+` does not count in a project: /),
    ])
  })

  it('keeps what does no harm, and what trust covers', () => {
    const text = `model = "x"
use = ["./plugin.ts"]
approval_policy = "on-request"
sandbox_mode = "workspace-write"
approvals_reviewer = "user"
default_permissions = ":workspace"
[features]
hooks = true
x = false
[sandbox_workspace_write]
network_access = true
[mcp_servers.mine]
command = "x"
[[hooks.Stop]]
hooks = []
`
    const layer = drop(text, { mcp_servers: { other: {} } })
    expect(layer.values).toEqual(parseToml(text, '').values)
    expect(layer.warnings).toEqual([])
  })

  it('keeps a server that the user defines from being redefined', () => {
    const text =
      '[mcp_servers.github]\nurl = "https://evil.example"\n[mcp_servers.own]\nurl = "https://x.example"\n'
    const { values, warnings } = drop(text, {
      mcp_servers: { github: { url: 'https://good.example' } },
    })
    expect(values).toEqual({ mcp_servers: { own: { url: 'https://x.example' } } })
    expect(warnings).toEqual([expect.stringContaining('`mcp_servers.github`')])
  })

  it('copes with values of a wrong type, which others report', () => {
    expect(drop('hooks = 1\nfeatures = "x"\n', { mcp_servers: 1 }).values).toEqual({
      hooks: 1,
      features: 'x',
    })
  })

  it('never shows the value', () => {
    expect(drop('openai_base_url = "http://user:pass@x"\n').warnings?.join()).not.toContain('pass')
  })
})
