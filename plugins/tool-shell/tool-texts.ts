type Schema = Readonly<Record<string, unknown>>

const yieldTime = (text: string) => ({ type: 'number', description: text })
const outputTokens = {
  type: 'number',
  description: 'Most tokens of output to give back; the middle of more is cut out. Default 10000.',
}

export const execDescription =
  'Runs a script in a shell. Gives back its output and exit code, or, when it is still running ' +
  'after yield_time_ms, the output so far and a session ID for write_stdin.'

export const execSchema: Schema = {
  type: 'object',
  properties: {
    cmd: { type: 'string', description: 'The script.' },
    workdir: {
      type: 'string',
      description: 'Folder to run it in. Default: the working directory.',
    },
    shell: { type: 'string', description: 'Shell to run it with. Default: the shell of the user.' },
    login: { type: 'boolean', description: 'Whether it is a login shell.' },
    tty: {
      type: 'boolean',
      description:
        'Gives the script a terminal, so that write_stdin can write to it. Default false.',
    },
    yield_time_ms: yieldTime('How long to wait for its end, 250 to 30000 ms. Default 10000.'),
    max_output_tokens: outputTokens,
    sandbox_permissions: {
      type: 'string',
      enum: ['use_default', 'require_escalated'],
      description: 'require_escalated asks to run outside the sandbox. Default use_default.',
    },
    justification: {
      type: 'string',
      description: 'With require_escalated: one question that tells the user why it is needed.',
    },
    prefix_rule: {
      type: 'array',
      items: { type: 'string' },
      description:
        'With require_escalated: the first words of the command, as a rule under which similar ' +
        'commands would be allowed in future.',
    },
  },
  required: ['cmd'],
  additionalProperties: false,
}

export const writeDescription =
  'Writes to a command that is still running, or waits for it, and gives back its further output.'

export const writeSchema: Schema = {
  type: 'object',
  properties: {
    session_id: { type: 'number', description: 'Session ID of the running command.' },
    chars: {
      type: 'string',
      description:
        'What to write; empty only waits. Without a terminal only \\u0003, which ends the command.',
    },
    yield_time_ms: yieldTime(
      'How long to wait: after writing up to 30000 ms, default 250; else at least 5000 ms.',
    ),
    max_output_tokens: outputTokens,
  },
  required: ['session_id'],
  additionalProperties: false,
}
