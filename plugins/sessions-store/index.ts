import { join } from 'node:path'
import { definePlugin, HooklineError, storeKey } from 'hookline'
import { findSession, latestSession } from './find.ts'
import { RolloutLog, rolloutPath } from './rollout-log.ts'
import { readRollout } from './read-rollout.ts'

/** Keeps sessions as rollout files below the home: one JSONL file each, append only, one writer at a time. */
export const sessionsStore = definePlugin({
  name: 'sessions-store',
  power: 'decide',
  setup({ services, session, secrets }) {
    const folder = join(session.home, 'sessions')
    const locks = join(session.home, 'thread-writer-locks')
    const redact = (text: string) => secrets.redact(text)
    services.provide(storeKey, 'default', () => ({
      create: async (meta) =>
        new RolloutLog({ path: rolloutPath(folder, meta), locks, id: meta.id, redact, meta }),
      open: async (id) => {
        const path = await findSession(folder, id)
        if (path === undefined) {
          throw new HooklineError(
            'SESSION_NOT_FOUND',
            `no session "${id}" is recorded in ${folder}`,
            {
              hint: 'check the id, or use --last for the newest session of this folder',
            },
          )
        }
        const found = await readRollout(path)
        const log = new RolloutLog({ path, locks, id: found.meta.id, redact, at: found.end })
        await log.claim()
        return {
          meta: found.meta,
          items: found.items,
          threadUsage: found.threadUsage,
          warnings: found.warnings,
          log,
        }
      },
      latest: (filter) => latestSession(folder, filter.cwd),
    }))
  },
})
