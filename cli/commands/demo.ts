import { HooklineError } from 'hookline'
import { bwrapBackend } from 'hookline/plugins/sandbox-bwrap'
import { factsOf } from '../demo/facts.ts'
import { findProgram, shownPath } from '../demo/own-command.ts'
import { paintFor, type Paint } from '../demo/paint.ts'
import { makeProject } from '../demo/project.ts'
import { reportDocument, reportText } from '../demo/report.ts'
import { runTour, type TourWatcher } from '../demo/run-tour.ts'
import { showTour } from '../demo/show-events.ts'
import { parseWords, sessionFlags, textFlag } from '../exec-flags.ts'
import { folderOf } from '../open-session.ts'

const demoFlags = {
  cd: sessionFlags.cd,
  color: sessionFlags.color,
  json: { type: 'boolean', help: 'Print one JSON document.' },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
} as const

const usage = `Usage: hookline demo [-C DIR] [--json] [--color WHEN]

A guided session in a new folder ./hookline-demo-N/, without key and network. The model is a script, the rest is real.
Exit code: 0 when every point of the tour happened, else 1.
`

const install =
  'install it: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch), apk add bubblewrap (Alpine); as root, or with sudo'

/** Nothing is made before it is known that commands can be confined. */
async function requireSandbox(): Promise<void> {
  const found = await bwrapBackend.available()
  if (found.ok) return
  const isMissing = process.platform === 'linux' && findProgram('bwrap') === undefined
  throw new HooklineError(
    'SANDBOX_UNAVAILABLE',
    `the demo runs real commands and needs a sandbox for them: ${found.reason}`,
    {
      hint: isMissing ? install : found.remedy,
    },
  )
}

const silent: TourWatcher = { event: () => {}, modelEvent: () => {} }

function watcherFor(json: boolean, paint: Paint): TourWatcher {
  return json ? silent : showTour(paint, (text) => process.stdout.write(text))
}

/** `hookline demo`: a guided session with the offline script as its model. Resolves to the exit code. */
export async function demoCommand(words: readonly string[]): Promise<number> {
  const parsed = parseWords(words, demoFlags)
  if (parsed.flags['help'] === true) {
    process.stdout.write(usage)
    return 0
  }
  const [extra] = parsed.words
  if (extra !== undefined)
    throw new HooklineError('USAGE', `unexpected argument "${extra}"`, {
      hint: 'see hookline demo --help',
    })
  await requireSandbox()
  const json = parsed.flags['json'] === true
  const paint = paintFor(textFlag(parsed, 'color'))
  const project = await makeProject(folderOf(parsed))
  if (!json)
    process.stdout.write(
      `A guided session in ${shownPath(project.folder)}. No key and no network are used.\n`,
    )
  const tour = await runTour(project, watcherFor(json, paint))
  const facts = factsOf(tour)
  process.stdout.write(
    json
      ? `${JSON.stringify(reportDocument(tour, facts), undefined, 2)}\n`
      : reportText(tour, facts, paint),
  )
  if (tour.signalCode !== undefined) return tour.signalCode
  if (tour.turn.error) throw tour.turn.error
  return facts.every(({ ok }) => ok) ? 0 : 1
}
