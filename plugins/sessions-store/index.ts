import { join } from 'node:path'
import { definePlugin, HooklineError, storeKey } from 'hookline'
import { findSession, latestSession } from './find.ts'
import { RolloutLog, rolloutPath } from './rollout-log.ts'
import { readRollout } from './read-rollout.ts'

/** Keeps sessions as rollout files below the home: one JSONL file each, append only, one writer at a time. */
export const sessionsStore = definePlugin({
  name: 'sessions-store',
  power: 'decide',
  setup({ services, session }) {
    const folder = join(session.home, 'sessions')
    const locks = join(session.home, 'thread-writer-locks')
    services.provide(storeKey, 'default', () => ({
      create: async (meta) =>
        new RolloutLog({ path: rolloutPath(folder, meta), locks, id: meta.id, meta }),
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
        const log = new RolloutLog({ path, locks, id })
        // Before it is read: what another process appends in between would be taken for a torn line.
        await log.claim()
        try {
          const { end, ...found } = await readRollout(path)
          log.goOn(end)
          return { ...found, log }
        } catch (error) {
          await log.close()
          throw error
        }
      },
      latest: (filter) => latestSession(folder, filter.cwd),
    }))
  },
})
