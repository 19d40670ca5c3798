import { firstUnknownCall, judgedCalls, type Machine, machines, refusedCalls } from './syscalls.ts'

/** One `sock_filter`: code, the two jump distances, operand. */
type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number]

const loadWord = 0x20
const jumpEqual = 0x15
const jumpAtLeast = 0x35
const jumpAnyBit = 0x45
const and = 0x54
const answer = 0x06

const allow: Instruction = [answer, 0, 0, 0x7fff0000]
const kill: Instruction = [answer, 0, 0, 0x80000000]
const errno = (code: number): Instruction => [answer, 0, 0, 0x00050000 | code]

const notPermitted = errno(1)
const notImplemented = errno(38)
const familyUnsupported = errno(97)

const numberOffset = 0
const machineOffset = 4
/** The lower half of an argument; both machines are little-endian. */
const argument = (index: number): Instruction => [loadWord, 0, 0, 16 + 8 * index]

const unixFamily = 1
const internetFamilies = [2, 10]
const netlinkFamily = 16
const streamType = 1
const packetType = 5
/** What is left of a socket type without SOCK_CLOEXEC and SOCK_NONBLOCK. */
const typeBits = 0xf
const newUserNamespace = 0x10000000
const terminalInjections = [0x5412, 0x541c]
/** Numbers from here on are the x32 calls of x86_64. */
const firstX32Call = 0x40000000

/** Runs `body`, which ends with an answer, for one value; goes on behind it for others. */
function when(value: number, body: readonly Instruction[]): readonly Instruction[] {
  return [[jumpEqual, 0, body.length, value], ...body]
}

const refuseUserNamespace: readonly Instruction[] = [
  argument(0),
  [jumpAnyBit, 0, 1, newUserNamespace],
  notPermitted,
  allow,
]

/**
 * Sockets by path would reach services of the host, whatever the network namespace, so unix sockets come as connected
 * pairs only; a datagram pair could still be told another address. Netlink is for the list of interfaces.
 */
const socketRule: readonly Instruction[] = [
  argument(0),
  ...internetFamilies.flatMap((family) => when(family, [allow])),
  ...when(unixFamily, [notPermitted]),
  ...when(netlinkFamily, [argument(2), ...when(0, [allow]), notPermitted]),
  familyUnsupported,
]

const socketpairRule: readonly Instruction[] = [
  argument(0),
  [jumpEqual, 1, 0, unixFamily],
  familyUnsupported,
  argument(1),
  [and, 0, 0, typeBits],
  ...when(streamType, [allow]),
  ...when(packetType, [allow]),
  notPermitted,
]

const ioctlRule: readonly Instruction[] = [
  argument(1),
  ...terminalInjections.flatMap((request) => when(request, [notPermitted])),
  allow,
]

/** The system call filter of commands as the kernel takes it; `undefined` for machines without one. */
export function seccompFilter(arch: string): Uint8Array | undefined {
  if (!isMachine(arch)) return undefined
  const { column, audit } = machines[arch]
  const program: Instruction[] = [
    [loadWord, 0, 0, machineOffset],
    [jumpEqual, 1, 0, audit],
    kill,
    [loadWord, 0, 0, numberOffset],
    [jumpAtLeast, 0, 1, firstX32Call],
    notPermitted,
    [jumpAtLeast, 0, 1, firstUnknownCall],
    notImplemented,
    ...when(judgedCalls.socket[column], socketRule),
    ...when(judgedCalls.socketpair[column], socketpairRule),
    ...when(judgedCalls.ioctl[column], ioctlRule),
    ...when(judgedCalls.clone[column], refuseUserNamespace),
    ...when(judgedCalls.unshare[column], refuseUserNamespace),
    // Its flags lie in memory, which a filter cannot read; without it programs use clone.
    ...when(judgedCalls.clone3[column], [notImplemented]),
    ...Object.values(refusedCalls).flatMap((numbers) => {
      const number = numbers[column]
      return number === undefined ? [] : when(number, [notPermitted])
    }),
    allow,
  ]
  return encode(program)
}

function isMachine(arch: string): arch is Machine {
  return Object.hasOwn(machines, arch)
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, [code, jumpTrue, jumpFalse, operand]] of program.entries()) {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, jumpTrue)
    view.setUint8(index * 8 + 3, jumpFalse)
    view.setUint32(index * 8 + 4, operand, true)
  }
  return bytes
}
