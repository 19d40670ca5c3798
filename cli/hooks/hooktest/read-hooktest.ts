import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { nearest } from 'hookline/kit'
import { events, isHookEvent, type HookEvent } from '../../../plugins/command-hooks/events.ts'
import type { HooktestCase, HooktestDocument } from './hooktest-schema.ts'

/** One case, for an event that exists. */
export interface HookCase extends HooktestCase {
  readonly event: HookEvent
}

/** The tests of one hooks file. */
export interface Hooktest {
  readonly file: string
  readonly hooks: string
  readonly dialect?: 'codex' | 'claude'
  readonly cases: readonly HookCase[]
}

function invalid(file: string, why: string, cause?: unknown): HooklineError {
  return new HooklineError('HOOKTEST_INVALID', `${file} is no test of hooks: ${why}`, {
    hint: 'docs/hooks-testing.md says what it may hold',
    ...(cause !== undefined && { cause }),
  })
}

function checkEvent(file: string, test: HooktestCase): HookCase {
  const { event } = test
  if (isHookEvent(event)) return { ...test, event }
  const meant = nearest(event, Object.keys(events))
  const advice = meant === undefined ? '' : `; did you mean ${meant}?`
  throw invalid(file, `"${test.name}" is about ${event}, which is no event${advice}`)
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function checkPatterns(file: string, { name, expect: expected }: HooktestCase): void {
  const { reason, context, systemMessage, files = {} } = expected
  for (const matcher of [reason, context, systemMessage, ...Object.values(files)]) {
    if (typeof matcher !== 'object' || matcher === null || !('match' in matcher)) continue
    if (!isExpression(matcher.match))
      throw invalid(file, `the expression "${matcher.match}" of "${name}" is not valid`)
  }
}

async function documentIn(text: string, file: string): Promise<HooktestDocument> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(file, messageOf(error), error)
  }
  const { hooktestSchema } = await import('./hooktest-schema.ts')
  const { z } = await import('zod')
  const parsed = hooktestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(file, z.prettifyError(parsed.error).replaceAll(/\s+/g, ' '), parsed.error)
}

/** Reads a test file. Throws HOOKTEST_INVALID. */
export async function readHooktest(file: string): Promise<Hooktest> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw invalid(file, messageOf(error), error)
  }
  const { hooks = './hooks.json', dialect, cases } = await documentIn(text, file)
  for (const test of cases) checkPatterns(file, test)
  return {
    file,
    hooks: resolve(dirname(file), hooks),
    ...(dialect && { dialect }),
    cases: cases.map((test) => checkEvent(file, test)),
  }
}
