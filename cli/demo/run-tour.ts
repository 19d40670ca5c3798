import { readFile, readlink } from 'node:fs/promises'
import {
  createHost,
  definePlugin,
  type AnyPlugin,
  type ModelEvent,
  type SessionEvent,
  type TurnRecord,
} from 'hookline'
import { demoPrompt } from 'hookline/plugins/model-offline'
import { builtins } from '../builtins.ts'
import { stopOnSignals } from '../signals.ts'
import { makeHome } from './home.ts'
import type { DemoProject } from './project.ts'

/** Everything that is known of a tour when it is over. */
export interface Tour {
  readonly project: DemoProject
  readonly sessionId: string
  /** The file that the session was recorded in. */
  readonly rollout: string | undefined
  readonly events: readonly SessionEvent[]
  readonly turn: TurnRecord
  readonly traces: Traces
  /** Present when a signal ended it. */
  readonly signalCode: number | undefined
}

/** What the tour left behind outside of its events. */
export interface Traces {
  readonly greeting: string | undefined
  readonly notes: string | undefined
  readonly treasure: string | undefined
  readonly outsideBefore: string | undefined
  readonly outside: string | undefined
  /** The process namespace of hookline itself. */
  readonly ownNamespace: string | undefined
}

/** Watches a tour as it happens. */
export interface TourWatcher {
  event(event: SessionEvent): void
  modelEvent(event: ModelEvent): void
}

async function textIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

async function tracesOf(project: DemoProject, outsideBefore: string | undefined): Promise<Traces> {
  return {
    greeting: await textIfThere(project.greeting),
    notes: await textIfThere(project.notes),
    treasure: await textIfThere(project.treasure),
    outsideBefore,
    outside: await textIfThere(project.outside),
    ownNamespace: await readlink('/proc/self/ns/pid').catch(() => undefined),
  }
}

function watching(watcher: TourWatcher): AnyPlugin {
  return definePlugin({
    name: 'demo-watcher',
    setup({ hooks }) {
      hooks.modelEvent.tap('model', (event) => watcher.modelEvent(event))
      hooks.event.tap('events', (event) => watcher.event(event))
    },
  })
}

/** Runs the session of the demo in its project, as any other session runs. */
export async function runTour(project: DemoProject, watcher: TourWatcher): Promise<Tour> {
  const { folder, home } = project
  await makeHome(project)
  const events: SessionEvent[] = []
  const recorder: TourWatcher = {
    modelEvent: (event) => watcher.modelEvent(event),
    event(event) {
      events.push(event)
      watcher.event(event)
    },
  }
  await using host = createHost({
    home,
    plugins: builtins({}),
    log: ({ level, message }) => {
      if (level === 'notice') process.stderr.write(`notice: ${message}\n`)
    },
  })
  const outsideBefore = await textIfThere(project.outside)
  const session = await host.session({ cwd: folder, source: 'cli', plugins: [watching(recorder)] })
  using signals = stopOnSignals((name) => session.interrupt(`stopped by ${name}`))
  const turn = await session.run(demoPrompt).done
  await session.close()
  return {
    project,
    sessionId: session.facts.id,
    rollout: session.facts.transcriptPath,
    events,
    turn,
    traces: await tracesOf(project, outsideBefore),
    signalCode: signals.exitCode(),
  }
}
