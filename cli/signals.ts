const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

type SignalName = keyof typeof codes

/** Calls `stop` at the first SIGINT, SIGTERM or SIGHUP; the second one ends the process at once. */
export function stopOnSignals(stop: (name: string) => Promise<void>): Disposable & { exitCode(): number | undefined } {
  let received: SignalName | undefined
  const onSignal = (name: SignalName) => {
    if (received) process.exit(codes[name])
    received = name
    void stop(name)
  }
  const names: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const name of names) process.on(name, onSignal)
  return {
    exitCode: () => received && codes[received],
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
