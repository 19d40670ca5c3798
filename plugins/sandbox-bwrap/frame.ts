/** `empty`: a fresh /proc cannot be mounted here, so that commands see none. */
export type ProcKind = 'fresh' | 'empty'

/** What every sandbox is made of, whatever may be written in it. */
export interface FrameOptions {
  readonly network: boolean
  readonly proc: ProcKind
}

/** The descriptor under which bubblewrap finds the system call filter. */
const filterDescriptor = '3'

/** The first words for bubblewrap: namespaces, the filter, and all files read-only. */
export function frame({ network, proc }: FrameOptions): readonly string[] {
  return [
    '--new-session',
    '--die-with-parent',
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    ...(network ? [] : ['--unshare-net']),
    '--cap-drop',
    'ALL',
    '--seccomp',
    filterDescriptor,
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    ...(proc === 'fresh' ? freshProc() : ['--tmpfs', '/proc', '--remount-ro', '/proc']),
  ]
}

/** Settings of the kernel below /proc belong to root, who may write them even without capabilities. */
function freshProc(): readonly string[] {
  return ['--proc', '/proc', ...(process.getuid?.() === 0 ? ['--remount-ro', '/proc'] : [])]
}
