/** A patch that was written as a shell command. */
export interface PatchCommand {
  readonly patch: string
  /** Where a leading `cd` would have gone, as written. */
  readonly folder: string | undefined
}

// Only words that a shell takes literally: no expansion, no escape, no tilde.
const folderWord = String.raw`(?:'([^'\n]+)'|"([^"$\`\\\n]+)"|([\w./@%+:,=-]+))`
const heredoc = new RegExp(
  String.raw`^\s*(?:cd[ \t]+${folderWord}[ \t]*&&\s*)?(?:apply_patch|applypatch)[ \t]*` +
    String.raw`<<[ \t]*(?:'(\w+)'|"(\w+)"|(\w+))[ \t]*\n`,
)

/**
 * Recognises `apply_patch <<'EOF' … EOF`, alone or after `cd FOLDER &&`; undefined for everything else.
 * With anything before, between or behind, the shell must run it. The patch is taken literally also
 * after an unquoted end word: nobody means a patch to be expanded.
 */
export function findPatchCommand(script: string): PatchCommand | undefined {
  if (!script.includes('patch')) return undefined
  const opening = heredoc.exec(script)
  if (!opening) return undefined
  const endWord = opening[4] ?? opening[5] ?? opening[6]
  const lines = script.slice(opening[0].length).split('\n')
  const end = lines.findIndex((line) => line === endWord)
  if (end === -1 || lines.slice(end + 1).some((line) => line.trim() !== '')) return undefined
  const patch = lines
    .slice(0, end)
    .map((line) => `${line}\n`)
    .join('')
  const folder = opening[1] ?? opening[2] ?? opening[3]
  // `cd -` and options are not folders.
  return folder?.startsWith('-') ? undefined : { patch, folder }
}
