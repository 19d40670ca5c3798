import { constants, openSync } from 'node:fs'

/** As Linux calls it; Node has no name for it. */
const temporary = 0o20_000_000 | constants.O_DIRECTORY

/** Opens a file in memory that has no name, so nobody else can open it and it is gone when it is closed. Linux only. */
export function openUnnamedFile(flags = 0): number {
  return openSync('/dev/shm', temporary | constants.O_RDWR | flags, 0o600)
}
