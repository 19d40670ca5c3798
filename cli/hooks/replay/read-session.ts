import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { findSession } from '../../../plugins/sessions-store/find.ts'
import { readRollout } from './read-rollout.ts'
import { isTranscript, readTranscript } from './read-transcript.ts'
import type { RecordedSession } from './recorded-session.ts'

/** A recorded session with the file it was read from. */
export interface FoundSession extends RecordedSession {
  readonly file: string
}

const sessionId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

async function fileFor(name: string, where: { readonly cwd: string; readonly home: string }) {
  if (!sessionId.test(name)) return resolve(where.cwd, name)
  const homes = [where.home, join(homedir(), '.codex')]
  for (const home of homes) {
    const file = await findSession(join(home, 'sessions'), name)
    if (file !== undefined) return file
  }
  throw new HooklineError('SESSION_NOT_FOUND', `there is no session with the id ${name}`, {
    hint: 'give the path of its file',
  })
}

/** Reads a recorded session by the path of its file, or by its id where hookline or Codex has it. */
export async function readSession(
  name: string,
  where: { readonly cwd: string; readonly home: string },
): Promise<FoundSession> {
  const file = await fileFor(name, where)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new HooklineError('FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'name a rollout or a transcript',
      cause: error,
    })
  }
  const session = isTranscript(text) ? readTranscript(text) : readRollout(text)
  if (session.steps.length > 0) return { ...session, file }
  throw new HooklineError('REPLAY_INVALID', `${file} holds no call and no prompt`, {
    hint: 'name a rollout of hookline or Codex, or a transcript of Claude Code',
  })
}
