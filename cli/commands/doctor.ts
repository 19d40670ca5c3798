import { existsSync } from 'node:fs'
import { isHooklineError, messageOf, sandboxKey, type Session } from 'hookline'
import { parseWords, sessionFlags, type ParsedWords } from '../exec-flags.ts'
import { folderOf, openHost, type Assembly } from '../open-session.ts'
import { version } from '../version.ts'

/** One line of the report. */
interface Finding {
  readonly area: 'node' | 'sandbox' | 'config' | 'plugins' | 'hooks' | 'policy'
  readonly status: 'ok' | 'warning' | 'error'
  readonly text: string
  /** What to do about it. */
  readonly remedy?: string
}

interface Report {
  readonly version: string
  readonly findings: readonly Finding[]
  readonly layers: readonly {
    readonly name: string
    readonly file?: string
    readonly disabled?: string
    readonly keys: readonly string[]
  }[]
  readonly plugins: readonly {
    readonly name: string
    readonly power: string
    readonly from: string
    readonly taps: readonly string[]
  }[]
}

const foreignPolicies = [
  '/etc/codex/requirements.toml',
  '/etc/codex/managed_config.toml',
  '/etc/claude-code/managed-settings.json',
]

const doctorFlags = {
  ...sessionFlags,
  json: { type: 'boolean', help: 'Print one JSON document.' },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
} as const

function nodeFinding(): Finding {
  return {
    area: 'node',
    status: 'ok',
    text: `Node.js ${process.versions.node} (${process.platform} ${process.arch})`,
  }
}

function policyFindings(): readonly Finding[] {
  return foreignPolicies
    .filter((file) => existsSync(file))
    .map((file): Finding => ({
      area: 'policy',
      status: 'warning',
      text: `${file} exists; hookline does not read policies of other products`,
      remedy: 'copy what should hold here to /etc/hookline/requirements.toml',
    }))
}

async function sandboxFindings(session: Session): Promise<readonly Finding[]> {
  const { services } = session.kernel
  const wanted = session.parts.turnFacts.sandbox.backend
  const findings = await Promise.all(
    services.ids(sandboxKey).map(async (id): Promise<Finding> => {
      const found = await services.get(sandboxKey, id).available()
      const used = id === wanted ? ' (in use)' : ''
      if (found.ok) {
        const status = found.warning === undefined ? 'ok' : 'warning'
        return { area: 'sandbox', status, text: `${id}${used}: ${found.warning ?? 'works'}` }
      }
      const status = id === wanted ? 'error' : 'warning'
      return {
        area: 'sandbox',
        status,
        text: `${id}${used}: ${found.reason}`,
        remedy: found.remedy,
      }
    }),
  )
  const mode = session.parts.turnFacts.sandbox.mode
  return [{ area: 'sandbox', status: 'ok', text: `mode ${mode}` }, ...findings]
}

function pluginRows(session: Session): Report['plugins'] {
  const taps = session.kernel.row.timings()
  return session.kernel.plugins().map(({ plugin, specifier }) => ({
    name: plugin.name,
    power: plugin.power ?? 'observe',
    from: specifier ?? 'built in',
    taps: [...new Set(taps.filter((tap) => tap.plugin === plugin.name).map((tap) => tap.hook))],
  }))
}

async function examine(parsed: ParsedWords, assembly: Assembly): Promise<Report> {
  const notices: Finding[] = []
  await using host = openHost({
    parsed,
    assembly,
    log: ({ level, plugin, message }) => {
      if (level === 'warn' || level === 'notice')
        notices.push({
          area: plugin === 'command-hooks' ? 'hooks' : 'config',
          status: 'warning',
          text: message,
        })
    },
  })
  try {
    const session = await host.session({ cwd: folderOf(parsed), source: 'cli', ephemeral: true })
    const layers = session.kernel.layers.list.map(({ name, file, disabled, values }) => ({
      name,
      ...(file === undefined ? {} : { file }),
      ...(disabled === undefined ? {} : { disabled }),
      keys: Object.keys(values),
    }))
    const settingsWarnings = session.parts.warnings
      .filter((text) => !notices.some((notice) => notice.text === text))
      .map((text): Finding => ({ area: 'config', status: 'warning', text }))
    const failures = session.kernel
      .failures()
      .map((error): Finding => ({ area: 'plugins', status: 'error', text: error.message }))
    return {
      version,
      findings: [
        nodeFinding(),
        ...(await sandboxFindings(session)),
        ...settingsWarnings,
        ...notices,
        ...failures,
        ...policyFindings(),
      ],
      layers,
      plugins: pluginRows(session),
    }
  } catch (error) {
    const hint = isHooklineError(error) && error.hint !== undefined ? { remedy: error.hint } : {}
    const fault: Finding = { area: 'config', status: 'error', text: messageOf(error), ...hint }
    return {
      version,
      findings: [nodeFinding(), fault, ...notices, ...policyFindings()],
      layers: [],
      plugins: [],
    }
  }
}

const marks = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' } as const

function textOf(report: Report): string {
  const lines = [`hookline ${report.version}`, '']
  for (const { area, status, text, remedy } of report.findings) {
    lines.push(`${marks[status]} ${area}: ${text}`)
    if (remedy !== undefined) lines.push(`        ${remedy}`)
  }
  lines.push('', 'Settings, weakest first:')
  for (const layer of report.layers) {
    const off = layer.disabled === undefined ? '' : ` (not used: ${layer.disabled})`
    lines.push(
      `  ${layer.name}${layer.file === undefined ? '' : ` ${layer.file}`}${off}: ${layer.keys.join(', ') || 'nothing'}`,
    )
  }
  lines.push('', 'Plugins:')
  for (const plugin of report.plugins) {
    lines.push(
      `  ${plugin.name} (${plugin.power}, ${plugin.from})${plugin.taps.length > 0 ? `: ${plugin.taps.join(', ')}` : ''}`,
    )
  }
  return `${lines.join('\n')}\n\nHooks: see hookline hooks list.\n`
}

/** `hookline doctor`: what works here and what does not. Exit code 1 when something is broken. */
export async function doctorCommand(words: readonly string[], assembly: Assembly): Promise<number> {
  const parsed = parseWords(words, doctorFlags)
  if (parsed.flags['help'] === true)
    return (await import('../help.ts')).printFlags('hookline doctor [FLAGS]', doctorFlags)
  const report = await examine(parsed, assembly)
  process.stdout.write(
    parsed.flags['json'] === true ? `${JSON.stringify(report, null, 2)}\n` : textOf(report),
  )
  return report.findings.some(({ status }) => status === 'error') ? 1 : 0
}
