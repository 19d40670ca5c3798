import type { Item, ModelRequest } from 'hookline'
import { uuid7 } from 'hookline/kit'
import { demoPrompt } from './demo-prompt.ts'
import { linesOf, readHistory, type History } from './history.ts'

/** One answer of the tour: what is said, and the call that comes with it. */
interface Step {
  /** By its output the script sees that the step is done. */
  readonly callId: string
  say(history: History): string
  call(history: History): Call
}

type Call = { readonly command: string } | { readonly patch: string }

const ids = {
  inside: 'demo_inside',
  outside: 'demo_outside',
  hook: 'demo_hook',
  patch: 'demo_patch',
  notes: 'demo_notes',
} as const

const selfDescription =
  'I am not a model. I am a script that comes with hookline, so that you can see it work without a key.'

const lost = `${selfDescription} My tour needs the project that "hookline demo" makes, whose SessionStart hook tells me a code word. Nobody told me one here, so I leave this folder alone.`

const over = 'The tour of this session is over. A new session begins it again.'

const greetings = ['Hello, world.', 'Hello from hookline.'] as const

function outputOf({ outputs }: History, step: keyof typeof ids): string {
  return outputs.get(ids[step]) ?? ''
}

function lastLine(output: string): string {
  return linesOf(output).at(-1) ?? 'nothing'
}

/** What the SessionStart hook of the tour's project tells; without it the script runs nothing, because it may be anywhere. */
const codeWord = /\bcode word\b/

function introduction({ context }: History): string {
  return `${selfDescription} All the rest is real: the session loop, the hooks, the sandbox, the files.

The SessionStart hook of this project told me: "${context}" No script can know that beforehand. Now a command, as a model would ask for it:`
}

/** The other greeting than the one in the file, so that the tour can be taken again in the same project. */
function greetingPatch(history: History): string {
  const [first, second] = greetings
  const now = linesOf(outputOf(history, 'inside'))[0] === second ? second : first
  const next = now === second ? first : second
  return `*** Begin Patch\n*** Update File: greeting.txt\n@@\n-${now}\n+${next}\n*** End Patch`
}

const succeeded = /\bexited with code 0\b/

function outcomeInside(history: History): string {
  const output = outputOf(history, 'inside')
  return succeeded.test(output)
    ? `It ran, and says that its processes were in ${lastLine(output)}. That is not where hookline is, as you will see at the end.`
    : `It did not run: "${lastLine(output)}"`
}

function outcomeOutside(history: History): string {
  const output = outputOf(history, 'outside')
  return succeeded.test(output)
    ? 'The write succeeded, so nothing confines commands here. That is not how it should be.'
    : `The sandbox did not let it: "${lastLine(output)}"`
}

function outcomeHook(history: History): string {
  const output = outputOf(history, 'hook')
  return /\bPreToolUse hook\b/.test(output)
    ? `The hook stopped it before it started, and I was told: "${output}"`
    : 'No hook stopped it: it ran.'
}

const steps: readonly Step[] = [
  {
    callId: ids.inside,
    say: introduction,
    call: () => ({ command: 'cat greeting.txt; readlink /proc/self/ns/pid || echo "no /proc"' }),
  },
  {
    callId: ids.outside,
    say: (history) => `${outcomeInside(history)} Next, a write outside of the project:`,
    call: () => ({ command: 'echo "I was here" > ../outside-of-hookline-demo.txt' }),
  },
  {
    callId: ids.hook,
    say: (history) =>
      `${outcomeOutside(history)} Next, a command that the sandbox would allow, but a PreToolUse hook of the project does not:`,
    call: () => ({ command: 'rm -rf treasure' }),
  },
  {
    callId: ids.patch,
    say: (history) => `${outcomeHook(history)} Now I change a file by a patch:`,
    call: (history) => ({ patch: greetingPatch(history) }),
  },
]

const notes: Step = {
  callId: ids.notes,
  say: ({ goOn }) =>
    `I wanted to end, but a Stop hook made me go on: "${goOn}" So I write the notes, with a command, because inside of the project commands may write:`,
  call: () => ({
    command: 'echo "The greeting was changed by a patch. The treasure is still there." > NOTES.md',
  }),
}

function closing(history: History): string {
  if (history.isFresh) return over
  if (history.outputs.has(ids.notes)) {
    const more = history.goOn === undefined ? '' : ` A Stop hook still says: "${history.goOn}"`
    return `The notes are written, and my script is over.${more}`
  }
  const patched = /^Exit code: 0\b/.test(outputOf(history, 'patch'))
  const outcome = patched ? 'The patch is applied.' : `Not applied: ${outputOf(history, 'patch')}`
  return `${outcome} That was all, so I end my turn.`
}

const elsewhere = `I am not a model and cannot work on this. I am the offline script of hookline (model_provider = "offline"): it plays the tour of "hookline demo" and understands nothing else.

To work with a model, remove model_provider = "offline" and set OPENAI_API_KEY, or describe another endpoint in ~/.hookline/config.toml:

model = "MODEL"
model_provider = "mine"
[model_providers.mine]
name = "mine"
base_url = "https://HOST/v1"
env_key = "MY_API_KEY"`

function message(text: string): Item {
  const parts = [{ type: 'text' as const, text }]
  return { type: 'message', id: `msg_${uuid7()}`, role: 'assistant', parts }
}

function callItem(callId: string, call: Call): Item {
  if ('patch' in call) {
    const payload = { kind: 'text', text: call.patch } as const
    return { type: 'tool_call', id: `ctc_${uuid7()}`, callId, name: 'apply_patch', payload }
  }
  // A plain shell: what the profile of a user prints or does has no place in a tour.
  const text = JSON.stringify({ cmd: call.command, shell: '/bin/sh', login: false })
  const payload = { kind: 'json', text } as const
  return { type: 'tool_call', id: `fc_${uuid7()}`, callId, name: 'exec_command', payload }
}

function nextStep(history: History): Step | undefined {
  const step = steps.find(({ callId }) => !history.outputs.has(callId))
  if (step) return step
  return history.goOn !== undefined && !history.outputs.has(notes.callId) ? notes : undefined
}

/** The tour of `hookline demo`. Asked for anything else, it says what it is and how to get a model. */
export function demoScript({ kind, items }: ModelRequest): readonly Item[] {
  const history = readHistory(items)
  if (kind !== 'turn' || history.prompt !== demoPrompt) return [message(elsewhere)]
  if (!codeWord.test(history.context ?? '')) return [message(lost)]
  const step = nextStep(history)
  if (!step) return [message(closing(history))]
  return [message(step.say(history)), callItem(step.callId, step.call(history))]
}
