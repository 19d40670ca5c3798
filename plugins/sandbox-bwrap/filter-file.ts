import { constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { seccompFilter } from './seccomp.ts'

/** Commands have a /dev/shm of their own, so a file that must have a name for a moment is out of their reach there. */
const folders = ['/dev/shm', tmpdir()]
/** Node does not name this flag; it is the same on all machines but for the folder flag. */
const namelessFile = 0o20000000 | constants.O_DIRECTORY

let kept: number | undefined

/** Opens the system call filter for one start; the caller closes it. Throws SANDBOX_UNAVAILABLE where there is none. */
export function openFilter(): number {
  kept ??= makeFilterFile()
  // A start reads the file to its end, so each gets a position of its own.
  return openSync(`/proc/self/fd/${kept}`, constants.O_RDONLY)
}

function makeFilterFile(): number {
  const filter = seccompFilter(process.arch)
  if (filter === undefined) {
    throw new HooklineError(
      'SANDBOX_UNAVAILABLE',
      `there is no system call filter for the machine ${process.arch}`,
      {
        hint: 'use an x86_64 or aarch64 machine, or sandbox_mode = "danger-full-access"',
      },
    )
  }
  const file = openNameless()
  writeSync(file, filter, 0, filter.length, 0)
  return file
}

function openNameless(): number {
  const flags = constants.O_RDWR | namelessFile
  for (const folder of folders) {
    try {
      return openSync(folder, flags, 0o600)
    } catch {
      // Some file systems have no nameless files.
    }
  }
  return openUnlinked()
}

function openUnlinked(): number {
  let failure: unknown
  for (const folder of folders) {
    try {
      const made = mkdtempSync(join(folder, 'hookline-'))
      try {
        return openSync(join(made, 'filter'), 'wx+', 0o600)
      } finally {
        rmSync(made, { recursive: true })
      }
    } catch (error) {
      failure = error
    }
  }
  throw new HooklineError(
    'SANDBOX_UNAVAILABLE',
    `the system call filter cannot be stored: ${messageOf(failure)}`,
    {
      hint: `make ${folders.join(' or ')} writable`,
      cause: failure,
    },
  )
}
