import { shellQuote } from 'hookline/kit'
import { demoPrompt } from 'hookline/plugins/model-offline'
import type { Fact } from './facts.ts'
import { ownCommand, shownPath } from './own-command.ts'
import { wrap, type Paint } from './paint.ts'
import type { Tour } from './run-tour.ts'

function factLines(facts: readonly Fact[], paint: Paint): readonly string[] {
  const happened = facts.filter(({ ok }) => ok).length
  return [
    '',
    paint(
      'bold',
      `What happened (${happened} of ${facts.length}, from the events of the session and the files it left)`,
    ),
    ...facts.flatMap(({ ok, title, seen }) => [
      `  ${ok ? paint('green', '✓') : paint('red', '✗')} ${title}`,
      paint('dim', wrap(seen, '      ')),
    ]),
  ]
}

function placeLines({ project, rollout }: Tour, paint: Paint): readonly string[] {
  const places = [
    ['project', project.folder],
    ['hooks', project.hooksFile],
    ['record', rollout],
  ] as const
  return [
    '',
    paint('bold', 'Where it lies'),
    ...places.map(
      ([name, path]) => `  ${name.padEnd(8)} ${path === undefined ? 'none' : shownPath(path)}`,
    ),
  ]
}

function nextLines({ project }: Tour, paint: Paint): readonly string[] {
  const own = ownCommand()
  const folder = shellQuote(shownPath(project.folder))
  const inDemo = `HOOKLINE_HOME=${shellQuote(shownPath(project.home))} ${own}`
  const ideas = [
    ['Look at the hooks and whether they are trusted', `${inDemo} hooks list -C ${folder}`],
    [
      `Change ${shownPath(project.guard)} and take the tour again`,
      `${inDemo} exec -C ${folder} ${shellQuote(demoPrompt)}`,
    ],
    [
      'Work with a model, in a repository of your own',
      `OPENAI_API_KEY=… ${own} exec "explain this project"`,
    ],
    ['See what works on this machine', `${own} doctor`],
    ['See all commands; README.md and docs/ explain them', `${own} --help`],
  ] as const
  return [
    '',
    paint('bold', 'What to try next'),
    ...ideas.flatMap(([what, command]) => [`  ${what}:`, `    ${paint('cyan', command)}`]),
    '',
  ]
}

/** What a person is told at the end of a tour. */
export function reportText(tour: Tour, facts: readonly Fact[], paint: Paint): string {
  const lines = [...factLines(facts, paint), ...placeLines(tour, paint), ...nextLines(tour, paint)]
  return `${lines.join('\n')}\n`
}

/** The same for programs. */
export function reportDocument(
  { project, sessionId, rollout, turn }: Tour,
  facts: readonly Fact[],
): object {
  return {
    ok: facts.every(({ ok }) => ok) && turn.error === undefined,
    facts,
    folder: project.folder,
    home: project.home,
    hooks: project.hooksFile,
    session: sessionId,
    record: rollout,
    ...(turn.error === undefined
      ? {}
      : { error: { code: turn.error.code, message: turn.error.message } }),
  }
}
