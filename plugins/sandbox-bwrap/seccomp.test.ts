import { describe, expect, it } from 'vitest'
import { seccompFilter } from './seccomp.ts'

const audit = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
/** Written down once more, independently of the table that the filter is made from. */
const numbers = {
  x64: {
    read: 0,
    ioctl: 16,
    socket: 41,
    connect: 42,
    sendmsg: 46,
    socketpair: 53,
    clone: 56,
    execve: 59,
    ptrace: 101,
    mount: 165,
    keyctl: 250,
    unshare: 272,
    setns: 308,
    bpf: 321,
    io_uring_setup: 425,
    clone3: 435,
  },
  arm64: {
    read: 63,
    ioctl: 29,
    socket: 198,
    connect: 203,
    sendmsg: 211,
    socketpair: 199,
    clone: 220,
    execve: 221,
    ptrace: 117,
    mount: 40,
    keyctl: 219,
    unshare: 97,
    setns: 268,
    bpf: 280,
    io_uring_setup: 425,
    clone3: 435,
  },
} as const

type Machine = keyof typeof audit

const verdicts = new Map([
  [0x7fff0000, 'allow'],
  [0x80000000, 'kill'],
  [0x00050001, 'EPERM'],
  [0x00050026, 'ENOSYS'],
  [0x00050061, 'EAFNOSUPPORT'],
])

interface Call {
  readonly arch: number
  readonly number: number
  readonly args?: readonly number[]
}

/** Runs a filter over a call as the kernel would. */
function judge(filter: Uint8Array, { arch, number, args = [] }: Call): string {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number, true)
  data.setUint32(4, arch, true)
  for (const [index, arg] of args.entries()) data.setBigUint64(16 + 8 * index, BigInt(arg), true)
  const code = new DataView(filter.buffer)
  let accumulator = 0
  for (let at = 0; at < filter.length / 8; at += 1) {
    const operand = code.getUint32(at * 8 + 4, true)
    const jump = (isTrue: boolean) => code.getUint8(at * 8 + (isTrue ? 2 : 3))
    const instruction = code.getUint16(at * 8, true)
    if (instruction === 0x20) accumulator = data.getUint32(operand, true)
    else if (instruction === 0x54) accumulator = (accumulator & operand) >>> 0
    else if (instruction === 0x15) at += jump(accumulator === operand)
    else if (instruction === 0x35) at += jump(accumulator >= operand)
    else if (instruction === 0x45) at += jump((accumulator & operand) !== 0)
    else if (instruction === 0x06) return verdicts.get(operand) ?? `answer ${operand.toString(16)}`
    else throw new Error(`instruction ${instruction}`)
  }
  throw new Error('the filter gives no answer')
}

const machines: readonly Machine[] = ['x64', 'arm64']

describe.each(machines)('the system call filter of %s', (machine) => {
  const filter = seccompFilter(machine) ?? new Uint8Array()
  const call = (name: keyof (typeof numbers)[Machine], ...args: readonly number[]) =>
    judge(filter, { arch: audit[machine], number: numbers[machine][name], args })

  it.each([
    ['read', [], 'allow'],
    ['execve', [], 'allow'],
    ['connect', [], 'allow'],
    ['sendmsg', [], 'allow'],
    ['ptrace', [], 'allow'],
    ['mount', [], 'EPERM'],
    ['keyctl', [], 'EPERM'],
    ['setns', [], 'EPERM'],
    ['bpf', [], 'EPERM'],
    ['io_uring_setup', [], 'EPERM'],
    ['clone3', [], 'ENOSYS'],
  ] as const)('answers %s with %s%s', (name, args, verdict) => {
    expect(call(name, ...args)).toBe(verdict)
  })

  it('lets sockets of the internet be made, and of unix only connected pairs', () => {
    const [unix, inet, inet6, netlink, packet, vsock] = [1, 2, 10, 16, 17, 40]
    const flags = 0o2004000
    expect(call('socket', inet, 1 | flags)).toBe('allow')
    expect(call('socket', inet6, 2)).toBe('allow')
    for (const type of [1, 2, 3, 5]) expect(call('socket', unix, type | flags)).toBe('EPERM')
    expect(call('socket', netlink, 3, 0)).toBe('allow')
    expect(call('socket', netlink, 3, 12)).toBe('EPERM')
    for (const family of [packet, vsock, 38, 0])
      expect(call('socket', family, 1)).toBe('EAFNOSUPPORT')
    expect(call('socketpair', unix, 1 | flags)).toBe('allow')
    expect(call('socketpair', unix, 5)).toBe('allow')
    // These two can be told another address.
    expect(call('socketpair', unix, 2 | flags)).toBe('EPERM')
    expect(call('socketpair', unix, 3)).toBe('EPERM')
    expect(call('socketpair', inet, 1)).toBe('EAFNOSUPPORT')
  })

  it('keeps user namespaces from being made, and nothing else that clone does', () => {
    expect(call('clone', 0x11)).toBe('allow')
    expect(call('clone', 0x3d0f00)).toBe('allow')
    expect(call('clone', 0x10000011)).toBe('EPERM')
    expect(call('unshare', 0x400)).toBe('allow')
    expect(call('unshare', 0x50000000)).toBe('EPERM')
  })

  it('keeps input from being put into a terminal', () => {
    expect(call('ioctl', 0, 0x5401)).toBe('allow')
    expect(call('ioctl', 0, 0x5412)).toBe('EPERM')
    expect(call('ioctl', 0, 0x541c)).toBe('EPERM')
    // The kernel looks at the lower half alone.
    expect(call('ioctl', 0, 0x1_0000_5412)).toBe('EPERM')
  })

  it('knows no calls of other machines, of x32, or newer than itself', () => {
    const other = machine === 'x64' ? audit.arm64 : audit.x64
    expect(judge(filter, { arch: other, number: 0 })).toBe('kill')
    expect(judge(filter, { arch: 0x40000003, number: 0 })).toBe('kill')
    expect(judge(filter, { arch: audit[machine], number: 0x40000000 + 41 })).toBe('EPERM')
    expect(judge(filter, { arch: audit[machine], number: 999 })).toBe('ENOSYS')
  })
})

it('has no filter for machines whose calls it does not know', () => {
  expect(seccompFilter('riscv64')).toBeUndefined()
  expect(seccompFilter('constructor')).toBeUndefined()
})
