#!/usr/bin/env node
// PreToolUse: `ask`, with an explanation. Whoever is asked sees what the command would do; where nobody can be asked,
// the command is refused, and the model is told why and what else it can do.

/** What to look for in one simple command; what it does; what to do instead. */
const dangers = [
  [/^(?:sudo|doas)\s/, 'runs with the rights of the administrator', 'work without them'],
  [
    /^git\s+(?:-\S+\s+(?:\S+\s+)?)*reset\s+.*--hard/,
    'throws away all changes that are not committed',
    'git stash keeps them',
  ],
  [
    /^git\s+(?:-\S+\s+(?:\S+\s+)?)*clean\s+.*-\w*f/,
    'removes files that git does not know, for good',
    'git clean -n shows them first',
  ],
  [
    /^git\s+(?:-\S+\s+(?:\S+\s+)?)*(?:checkout|restore)\s+(?:--\s+)?\.(?:\s|$)/,
    'throws away changes in all files',
    'name the files',
  ],
  [
    /^git\s+(?:-\S+\s+(?:\S+\s+)?)*push\s+.*(?:--force\b(?!-)|\s-f\b|--mirror|--delete)/,
    'overwrites or removes what others have pushed',
    '--force-with-lease, or a new branch',
  ],
  [
    /^git\s+(?:-\S+\s+(?:\S+\s+)?)*(?:filter-branch|filter-repo|reflog\s+expire|branch\s+-D)/,
    'removes commits',
    'make a branch that keeps them first',
  ],
  [
    /^rm\s+.*-\w*[rR]\w*.*\s(?:\/|~|\$HOME|\.\.|\*)\/?(?:\s|$)/,
    'removes a whole folder that is not of this project',
    'name what is to go',
  ],
  [
    /^(?:mkfs|fdisk|parted|wipefs)\b|^dd\s.*\bof=\/dev\//,
    'overwrites a disk',
    'there is no way back from this one',
  ],
  [
    /^chmod\s+.*(?:-R|--recursive).*\b0?777\b/,
    'lets everybody on this machine change all files below',
    'chmod u+rwX',
  ],
  [
    /^(?:curl|wget)\s.*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b/,
    'runs a program from the net that nobody has looked at',
    'load it into a file, and read it',
  ],
  [
    /^docker\s+(?:system|volume|image|container)\s+prune|^docker\s+.*\bdown\s+.*(?:-v\b|--volumes)/,
    'removes containers or data of other projects, too',
    'name what is to go',
  ],
  [
    /^kubectl\s+(?:.*\s)?delete\s|^helm\s+(?:uninstall|delete)\s/,
    'removes something from a cluster',
    'kubectl get shows it first',
  ],
  [
    /^(?:terraform|tofu|pulumi)\s+(?:.*\s)?(?:destroy|apply\s.*-auto-approve)/,
    'changes or removes infrastructure without a review',
    'plan, and show the plan',
  ],
  [
    /^(?:npm|pnpm|yarn|cargo|twine|gem)\s+(?:publish|upload|push)\b/,
    'publishes a package under your name',
    'run it with --dry-run',
  ],
  [
    /\b(?:drop\s+(?:table|database|schema)|truncate\s+table|delete\s+from\s+\w+\s*(?:;|"|'|$))/i,
    'removes data from a database',
    'take a copy first, or use a transaction',
  ],
  [
    /^(?:shutdown|reboot|halt|poweroff)\b|^kill(?:all)?\s+.*-9\s+-1\b|^pkill\s+-9\s/,
    'ends programs that others need',
    'kill one process by its number',
  ],
  [
    /^crontab\s+-r|^(?:systemctl|launchctl)\s+(?:.*\s)?(?:disable|mask|stop|unload|bootout)\s/,
    'turns a service of this machine off',
    'ask whose service it is',
  ],
  [
    /^history\s+-c|^(?:unset|export)\s+HISTFILE/,
    'removes traces of what was done',
    'leave the history alone',
  ],
]

/** The simple commands of a line, with assignments at the front left out. A pipe stays: it may be the danger. */
function* simpleCommands(command) {
  // A line that goes on is one line; text in quotes cannot begin a command, but may hold one for a database.
  for (const part of command
    .replace(/\\\r?\n/g, ' ')
    .split(/&&|\|\||[;\n]|(?<!\|)\|(?!\||\s*(?:sudo\s+)?(?:ba|z|da)?sh\b)/)) {
    const text = part
      .trim()
      .replace(/^(?:[({!]\s*|(?:then|do|else|time|command|exec|nohup)\s+|\w+=\S*\s+)+/, '')
    if (text !== '' && !text.startsWith('#')) yield text
    // With other rights it is still the same command.
    const inner = /^(?:sudo|doas|env)\s+(?:-\S+\s+)*(.*)/s.exec(text)?.[1]
    if (inner !== undefined) yield inner
  }
}

function explain(command) {
  const found = new Map()
  for (const text of simpleCommands(command)) {
    for (const [expression, does, instead] of dangers) {
      if (expression.test(text))
        found.set(does, `\`${text.slice(0, 120)}\` ${does}. Instead: ${instead}.`)
    }
  }
  return [...found.values()]
}

let stdin = ''
for await (const chunk of process.stdin.setEncoding('utf8')) stdin += chunk
const { tool_input: input } = JSON.parse(stdin)
const reasons = explain(String(input?.command ?? ''))
if (reasons.length > 0) {
  const answer = {
    hookEventName: 'PreToolUse',
    permissionDecision: 'ask',
    permissionDecisionReason: reasons.join(' '),
  }
  console.log(JSON.stringify({ hookSpecificOutput: answer }))
}
