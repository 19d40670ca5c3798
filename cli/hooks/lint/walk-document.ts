import { nearest } from 'hookline/kit'
import { events, isHookEvent } from '../../../plugins/command-hooks/events.ts'
import type { Path } from '../../../plugins/command-hooks/problems.ts'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import { everywhere, fine, will, type Consequence } from './finding.ts'
import type { Fields, GroupNode, HandlerNode, LintContext } from './lint-context.ts'
import { lintTopKeys } from './lint-keys.ts'
import { peerEvents, peerNames, type Peer } from './peers.ts'

/** The parts of a document that have the shape they should have. */
export interface Walked {
  readonly groups: readonly GroupNode[]
  readonly handlers: readonly HandlerNode[]
}

const peers = ['codex', 'claude'] as const satisfies readonly Peer[]
const never = will('skipped', 'never fires it: these hooks do not run')
const noHook = will('dropped', 'no hook of the file runs')
const codexDrops = will('dropped', 'drops the whole file, with a warning')
const partLost = {
  hookline: will('skipped', 'leaves this part out and says so'),
  codex: codexDrops,
}

function byHookline(event: string): Consequence {
  if (!isHookEvent(event)) return never
  return events[event].managed ? will('skipped', 'runs hooks of an administrator only') : fine
}

function lintEventName(event: string, { findings }: LintContext): void {
  const path = ['hooks', event]
  const knowing = peers.filter((peer) => peerEvents[peer].has(event))
  if (knowing.length === 0 && !isHookEvent(event)) {
    const names = [...Object.keys(events), ...peerEvents.claude]
    const meant = nearest(event, names)
    findings.add('EventUnknown', path, {
      message: `there is no event ${event}`,
      consequences: everywhere(never),
      fix: meant === undefined ? 'use the name of an event' : `write ${meant}`,
    })
    return
  }
  const [codex, claude] = peers.map((peer) => (knowing.includes(peer) ? fine : never))
  findings.add('EventForeign', path, {
    message: `${event} is ${knowing.map((peer) => `${peerNames[peer]}'s`).join(' and ') || "hookline's"} alone`,
    consequences: {
      hookline: byHookline(event),
      codex: codex ?? never,
      claude: claude ?? never,
    },
    fix: 'do not rely on it where it is not fired',
  })
}

function walkHandler(value: unknown, group: GroupNode, path: Path): HandlerNode | undefined {
  if (!isTable(value)) return undefined
  const { type } = value
  return typeof type === 'string' ? { group, path, fields: value, type } : undefined
}

function walkHandlers(list: readonly unknown[], group: GroupNode, context: LintContext) {
  return list.flatMap((value, index): readonly HandlerNode[] => {
    const path = [...group.path, 'hooks', index]
    const node = walkHandler(value, group, path)
    if (node) return [node]
    const isOnlyUntyped = isTable(value) && typeof value['command'] === 'string'
    context.findings.add('TypeMissing', path, {
      message: `a handler of ${group.event} has no type`,
      consequences: everywhere(will('skipped', 'leaves the handler out'), { codex: codexDrops }),
      fix: isOnlyUntyped ? 'add "type": "command"' : 'write { "type": "command", "command": "…" }',
    })
    return []
  })
}

interface ShapeFault {
  readonly path: Path
  readonly message: string
  readonly fix: string
}

function reportShape({ path, message, fix }: ShapeFault, { findings }: LintContext): void {
  const consequences = everywhere(will('skipped', 'leaves this part out'), partLost)
  findings.add('FileShape', path, { message, consequences, fix })
}

function walkGroup(value: unknown, path: Path, at: { event: string; context: LintContext }) {
  const { event, context } = at
  if (!isTable(value) || !Array.isArray(value['hooks'])) {
    const isBare = isTable(value) && 'command' in value
    const fix = isBare
      ? 'wrap the handler: { "hooks": [ … ] }'
      : 'write { "matcher": "…", "hooks": [ … ] }'
    reportShape({ path, message: `a group of ${event} has no list "hooks"`, fix }, context)
    return undefined
  }
  const group: GroupNode = { event, path, fields: value }
  if (value['hooks'].length === 0) {
    context.findings.add('GroupEmpty', path, {
      message: `a group of ${event} has no handler`,
      consequences: everywhere(will('ignored', 'does nothing with it')),
      fix: 'add a handler or remove the group',
    })
  }
  return { group, handlers: walkHandlers(value['hooks'], group, context) }
}

function walkEvent(event: string, groups: unknown, context: LintContext): Walked {
  lintEventName(event, context)
  if (!Array.isArray(groups)) {
    reportShape(
      {
        path: ['hooks', event],
        message: `the groups of ${event} are not a list`,
        fix: 'write a list',
      },
      context,
    )
    return { groups: [], handlers: [] }
  }
  const walked = groups.flatMap((value: unknown, index) => {
    const found = walkGroup(value, ['hooks', event, index], { event, context })
    return found ? [found] : []
  })
  return {
    groups: walked.map(({ group }) => group),
    handlers: walked.flatMap(({ handlers }) => handlers),
  }
}

function walkEvents(hooks: Fields, context: LintContext): Walked {
  const isToml = context.origin.form === 'toml'
  const found = Object.entries(hooks)
    .filter(([event]) => !(isToml && event === 'state'))
    .map(([event, groups]) => walkEvent(event, groups, context))
  return {
    groups: found.flatMap(({ groups }) => groups),
    handlers: found.flatMap(({ handlers }) => handlers),
  }
}

function lintMissingHooks(document: Fields, { findings, origin }: LintContext): void {
  // A file of settings need not have hooks.
  if (origin.form !== 'hooks' && document['hooks'] === undefined) return
  const isBare = Object.keys(document).some((key) => isHookEvent(key))
  findings.add('FileShape', document['hooks'] === undefined ? [] : ['hooks'], {
    message: isBare
      ? 'the events stand at the top of the file, where nobody looks for them'
      : 'it has no object "hooks"',
    consequences: everywhere(noHook),
    fix: isBare ? 'wrap them: { "hooks": { … } }' : 'write { "hooks": { … } }',
  })
}

function lintSwitch(document: Fields, { findings }: LintContext): void {
  if (document['disableAllHooks'] !== true || document['hooks'] === undefined) return
  findings.add('HooksTurnedOff', ['disableAllHooks'], {
    message: 'the file turns its own hooks off',
    consequences: everywhere(will('dropped', 'runs no hook of these settings'), { codex: fine }),
    fix: 'remove "disableAllHooks", or the hooks',
    limit: 'warning',
  })
}

/** Goes through a parsed file, reports what has the wrong shape, and hands on the rest. */
export function walkDocument(document: unknown, context: LintContext): Walked {
  if (!isTable(document)) {
    context.findings.add('FileShape', [], {
      message: 'a hooks file is an object',
      consequences: everywhere(noHook),
      fix: 'write { "hooks": { … } }',
    })
    return { groups: [], handlers: [] }
  }
  if (context.origin.form === 'hooks') lintTopKeys(document, context)
  if (context.origin.form === 'settings') lintSwitch(document, context)
  const { hooks } = document
  if (isTable(hooks)) return walkEvents(hooks, context)
  lintMissingHooks(document, context)
  return { groups: [], handlers: [] }
}
