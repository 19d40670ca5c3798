// PreToolUse, after rm-to-trash.py: an `rm -r` that is still there could not be exchanged, and is refused.
// The group says `sequential`, so this sees the command as the first handler left it.

/** Texts in quotes and here-documents are arguments, not commands, except for programs that run them. */
const runsText =
  /(?:^|[\s;&|(/])(?:(?:eval|ssh|(?:ba|z|k|da)?sh\s+(?:-\w+\s+)*-\w*c)\s|(?:ba|z|k|da)?sh\b[^\n;&|]*<<)/
const hereDocument = /<<-?\s*(['"]?)([\w.-]+)\1([^\n]*)\n[^]*?\n\s*\2(?=\n|$)/g
const quoted = /'[^']*'|"(?:[^"\\]|\\[^])*"/g
const comment = /(^|[\s;&|(])#[^\n]*/g

function commandsIn(text) {
  if (runsText.test(text)) return text
  return text.replace(hereDocument, '$3').replace(quoted, '""').replace(comment, '$1')
}

/** rm with an option that makes it go into folders; find that deletes by itself. What git removes, git can bring back. */
const recursive =
  /(?<!\bgit\b[^;&|\n]*)(?:^|[\s;&|(`'"/])rm\s+(?:-\S+\s+)*(?:-[a-zA-Z]*[rR]|--recursive)|\bfind\b[^;&|]*\s-delete\b/

export default function noHardDelete({ tool_input: input }) {
  if (!recursive.test(commandsIn(String(input.command)))) return undefined
  const reason =
    'This would remove folders for good. Write a plain `rm -r PATH` as a command of its own: it is moved to the trash.'
  return {
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: reason,
    },
  }
}
