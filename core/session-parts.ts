import { resolve } from 'node:path'
import { HooklineError } from './errors.ts'
import type { CoreSettings } from './core-settings.ts'
import type { SessionOptions } from './host.ts'
import { narrows } from './gates/exec-gate.ts'
import type { Item } from './items.ts'
import type { Kernel } from './kernel.ts'
import type { AnyPlugin, Secrets } from './plugin.ts'
import { noUsage, type Usage } from './points/events.ts'
import type { ApprovalPolicy, SandboxPolicy, SessionFacts } from './points/turn.ts'
import { sandboxPolicy } from './sandbox-policy.ts'
import {
  catalogKey,
  modelKey,
  storeKey,
  type ModelInfo,
  type ModelProvider,
  type SessionLog,
} from './service-keys.ts'
import { SettingsLayers, type SettingsLayer } from './settings-layers.ts'
import { productOf, sessionSource } from './source.ts'
import type { SessionParts } from './turn/session.ts'

interface Opened {
  readonly record: SessionLog | undefined
  readonly items: readonly Item[]
  readonly threadUsage: Usage
  readonly warnings: readonly string[]
}

/** Facts that are complete only once the session is open; plugins hold the same object from set-up on. */
export interface Draft {
  id: string
  transcriptPath: string | undefined
}

/** What a child session takes over from its parent. */
export interface Inherited {
  readonly parentId: string
  readonly parentTranscriptPath: string | undefined
  readonly product: string
  readonly layers: SettingsLayers
  readonly sandbox: SandboxPolicy
  readonly plugins: readonly AnyPlugin[] | undefined
  /** Names of plugins that are left out. */
  readonly without: readonly string[]
  readonly readOnly: boolean
}

/** A session in the making. */
export interface Making {
  readonly kernel: Kernel
  readonly facts: SessionFacts
  readonly draft: Draft
  readonly options: SessionOptions
  readonly inherited: Inherited | undefined
}

/** Everything a session is made of, once its plugins are set up. */
export async function partsFor(
  given: Making,
  secrets: Secrets,
): Promise<Omit<SessionParts, 'onClosed' | 'log'>> {
  const { kernel, facts, options } = given
  const { settings } = kernel
  const provider = providerOf(kernel)
  const model = modelOf(kernel)
  const parts = {
    kernel,
    facts,
    secrets,
    provider,
    model,
    turnFacts: {
      model: model.slug,
      provider: settings.model_provider,
      ...(settings.model_reasoning_effort === undefined
        ? {}
        : { effort: settings.model_reasoning_effort }),
      approvalPolicy: approvalPolicy(settings.approval_policy),
      reviewer: settings.approvals_reviewer === 'user' ? 'user' : 'auto_review',
      sandbox: sandboxFor(given),
      cwd: facts.cwd,
    },
    startReason: options.resume === undefined ? 'startup' : 'resume',
    outputSchema: options.outputSchema,
  } as const
  // Last, because it makes this process the only writer: nothing may fail after it.
  return { ...parts, ...(await openRecord(given, model.slug)) }
}

function sandboxFor({ kernel: { settings }, facts, inherited }: Making): SandboxPolicy {
  const { cwd, home } = facts
  const where = { cwd, home, env: process.env, platform: process.platform }
  const own = sandboxPolicy(settings, where)
  // A child reaches what its parent reaches, never more.
  const policy = inherited && !narrows(own, inherited.sandbox) ? inherited.sandbox : own
  if (!inherited?.readOnly) return policy
  // What the settings keep from being read stays so.
  const { deniedReads, deniedReadGlobs } = policy
  const confined = sandboxPolicy({ ...settings, sandbox_mode: 'read-only' }, where)
  return { ...confined, deniedReads, deniedReadGlobs }
}

/** The facts of a session; its id and path are complete once its record is open. */
export function factsOf(
  draft: Draft,
  given: {
    readonly home: string
    readonly options: SessionOptions
    readonly inherited: Inherited | undefined
  },
): SessionFacts {
  const { home, options, inherited } = given
  const source = sessionSource(options.source)
  const parentPath = inherited?.parentTranscriptPath
  const facts = {
    cwd: resolve(options.cwd ?? process.cwd()),
    home,
    source,
    product: inherited?.product ?? options.product ?? productOf(source),
    ephemeral: options.ephemeral ?? false,
    ...(inherited && { parentId: inherited.parentId }),
    ...(parentPath !== undefined && { parentTranscriptPath: parentPath }),
    get id() {
      return draft.id
    },
    get transcriptPath() {
      return draft.transcriptPath
    },
  }
  // An absent path is undefined here, as `transcriptPath?` reads it.
  return Object.freeze(facts) as SessionFacts
}

/** The layers that are there before any file is read. */
export function layersOf(
  options: SessionOptions,
  inherited: Inherited | undefined,
): SettingsLayers {
  const own: readonly SettingsLayer[] = options.settings
    ? [{ name: 'session', values: options.settings }]
    : []
  return inherited ? inherited.layers.add(...own) : SettingsLayers.of(...own)
}

function providerOf(kernel: Kernel): ModelProvider {
  const id = kernel.settings.model_provider
  const found = kernel.services.find(modelKey, id)
  if (found) return found
  throw new HooklineError('PROVIDER_UNKNOWN', `model provider "${id}" is not configured`, {
    hint: `configure [model_providers.${id}], or set model_provider to one of: ${kernel.services.ids(modelKey).join(', ')}`,
  })
}

function modelOf(kernel: Kernel): ModelInfo {
  const catalog = kernel.services.find(catalogKey, 'default')
  const slug = kernel.settings.model ?? catalog?.defaultModel
  if (slug === undefined) {
    throw new HooklineError('CONFIG_INVALID', 'no model is named', {
      hint: 'set model in config.toml, or pass -m MODEL',
    })
  }
  return (
    catalog?.describe(slug) ?? {
      slug,
      known: false,
      contextWindow: 128_000,
      parallelToolCalls: true,
      applyPatch: 'freeform',
      toolMode: 'direct',
    }
  )
}

function approvalPolicy(setting: CoreSettings['approval_policy']): ApprovalPolicy {
  if (setting === undefined || setting === 'on-failure') return 'on-request'
  if (typeof setting === 'string') return setting
  const { granular } = setting
  return {
    granular: {
      sandboxApproval: granular.sandbox_approval,
      rules: granular.rules,
      skillApproval: granular.skill_approval,
      requestPermissions: granular.request_permissions,
      mcpElicitations: granular.mcp_elicitations,
    },
  }
}

async function resumeTarget(given: Making): Promise<string> {
  const { resume } = given.options
  if (typeof resume === 'string') return resume
  const anyFolder = typeof resume === 'object' && resume.anyFolder
  const store = given.kernel.services.get(storeKey, 'default')
  const found = await store.latest(anyFolder ? {} : { cwd: given.facts.cwd })
  if (found !== undefined) return found
  throw new HooklineError(
    'SESSION_NOT_FOUND',
    anyFolder ? 'no session is recorded' : `no session is recorded for ${given.facts.cwd}`,
    {
      hint: 'start one with a prompt, or name a session',
    },
  )
}

async function openRecord(given: Making, model: string): Promise<Opened> {
  const { kernel, facts, draft, options, inherited } = given
  const nothing = { items: [], threadUsage: noUsage, warnings: [] }
  if (options.resume !== undefined) {
    const stored = await kernel.services.get(storeKey, 'default').open(await resumeTarget(given))
    draft.id = stored.meta.id
    draft.transcriptPath = stored.log.path
    return {
      record: stored.log,
      items: stored.items,
      threadUsage: stored.threadUsage,
      warnings: stored.warnings,
    }
  }
  const store = facts.ephemeral ? undefined : kernel.services.find(storeKey, 'default')
  if (!store) return { record: undefined, ...nothing }
  const { id, cwd, source, product } = facts
  const meta = {
    id,
    cwd,
    source,
    product,
    provider: kernel.settings.model_provider,
    model,
    startedAt: new Date().toISOString(),
  }
  const log = await store.create(inherited ? { ...meta, parentId: inherited.parentId } : meta)
  draft.transcriptPath = log.path
  return { record: log, ...nothing }
}
