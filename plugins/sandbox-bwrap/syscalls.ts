/** Numbers of a system call on x86_64 and on aarch64; absent where the machine does not have it. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined]

/** The machines that a filter can be made for, by node's names. */
export const machines = {
  x64: { column: 0, audit: 0xc000003e },
  arm64: { column: 1, audit: 0xc00000b7 },
} as const

export type Machine = keyof typeof machines

/** Calls that take part in a rule of their own. */
export const judgedCalls = {
  socket: [41, 198],
  socketpair: [53, 199],
  ioctl: [16, 29],
  clone: [56, 220],
  unshare: [272, 97],
  clone3: [435, 435],
} as const satisfies Readonly<Record<string, Numbers>>

/**
 * Calls that no command needs and that lead out of the sandbox or far into the kernel: io_uring passes by the filter,
 * keyrings are shared with the host, the rest changes the machine or what is mounted.
 */
export const refusedCalls: Readonly<Record<string, Numbers>> = {
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  setns: [308, 268],
  open_by_handle_at: [304, 265],
  pidfd_getfd: [438, 438],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  acct: [163, 89],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  fanotify_init: [300, 262],
  lookup_dcookie: [212, 18],
  vhangup: [153, 58],
  nfsservctl: [180, 42],
}

/** Newer calls than these were not judged; programs take their absence for an older kernel. */
export const firstUnknownCall = 470
