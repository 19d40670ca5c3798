// The words of EROFS, EACCES and EPERM.
const denials = /^.*(?:read-only file system|permission denied|operation not permitted).*$/im
const longestReason = 300

/** The line in which the output of a failed command tells that the system refused something. */
export function findDenial(output: string): string | undefined {
  return denials.exec(output)?.[0].trim().slice(0, longestReason)
}
