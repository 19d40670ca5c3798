import type { Tool, ToolContext, ToolOutput } from 'hookline'
import { truncateMiddle } from 'hookline/kit'
import { parseWriteArguments, type CallLimits, type WriteArguments } from './call-arguments.ts'
import { showProgress, type CommandRun } from './command-run.ts'
import type { ProcessTable } from './process-table.ts'
import { abortedReport, report } from './report.ts'
import { writeDescription, writeSchema } from './tool-texts.ts'

const interruptKey = '\u0003'

interface WriteParts {
  readonly table: ProcessTable
  readonly limits: CallLimits
}

/** Tools are given back what their own `parse` has returned. */
function checked(input: unknown): WriteArguments {
  return input as WriteArguments
}

/** Sends the characters; the returned text says why they cannot be sent. */
function send(run: CommandRun, input: WriteArguments): string | undefined {
  if (input.chars === '' || run.process.exitCode !== undefined) return undefined
  if (run.tty) {
    run.process.write(input.chars)
    return undefined
  }
  // There is no terminal that would make a signal of the key.
  if (input.chars.startsWith(interruptKey)) {
    void run.process.kill()
    return undefined
  }
  return `the input of session ${input.sessionId} is closed; a command takes input when it is started with tty: true`
}

/** The end of a command is the outcome of the call that started it. */
function ended(run: CommandRun): Pick<ToolOutput, 'response' | 'failed' | 'answers'> {
  const { text } = truncateMiddle(run.process.output.text(), run.outputTokens)
  return { response: text, failed: run.process.exitCode !== 0, answers: run.call }
}

async function writeAndWait(
  input: WriteArguments,
  parts: WriteParts,
  context: ToolContext,
): Promise<ToolOutput> {
  const started = performance.now()
  const run = parts.table.find(input.sessionId)
  if (!run) {
    return { output: `write_stdin failed: Unknown process id ${input.sessionId}`, failed: true }
  }
  const fault = send(run, input)
  if (fault !== undefined) return { output: `write_stdin failed: ${fault}`, failed: true }
  const result = await run.process.wait(input.yieldMs, context.signal)
  if (result === 'aborted') {
    return { output: abortedReport(performance.now() - started), failed: true }
  }
  const told = report({
    wallMs: performance.now() - started,
    exitCode: result === 'exited' ? run.process.exitCode : undefined,
    sessionId: result === 'running' ? input.sessionId : undefined,
    ...run.process.take(),
    outputTokens: input.outputTokens,
  })
  const answer = { output: told.output, value: told.value }
  if (result === 'running') {
    showProgress(run)
    return answer
  }
  parts.table.end(run)
  return { ...answer, ...ended(run) }
}

/** Writes to a running command, or waits for more of its output. */
export function writeStdinTool(parts: WriteParts): Tool {
  return {
    name: 'write_stdin',
    description: writeDescription,
    input: {
      kind: 'json',
      schema: writeSchema,
      parse: (value) => parseWriteArguments(value, parts.limits),
    },
    // Two waits for one command would share its output between them.
    parallel: false,
    repeatable: false,
    hooks: {
      name: 'write_stdin',
      toInput: (input) => ({ session_id: checked(input).sessionId, chars: checked(input).chars }),
      fromInput(input, rewritten) {
        const chars =
          typeof rewritten === 'object' && rewritten !== null && 'chars' in rewritten
            ? rewritten.chars
            : undefined
        if (typeof chars === 'string') return { ...checked(input), chars }
        throw new Error('hook returned updatedInput without string field `chars`')
      },
      applies: (input) => checked(input).chars !== '',
    },
    run: (input, context) => writeAndWait(checked(input), parts, context),
  }
}
