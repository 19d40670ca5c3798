/** Why a patch cannot be applied; its message is what the model and the terminal are told. */
export class PatchFault extends Error {}

/** The code that the file system gives an error, such as `ENOENT`; empty for any other error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** The text of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
