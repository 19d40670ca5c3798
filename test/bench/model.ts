import { createServer } from 'node:http'
import { wires } from './wires.ts'

export interface BenchModel extends AsyncDisposable {
  /** Scheme, address and port, without a path. */
  readonly origin: string
  readonly url: string
  /** Starts a new run: as many calls of `true` as given, then a message. */
  begin(calls: number): void
  /** When the requests of the run arrived, in ms of `performance.now()`; requests beside the work do not count. */
  readonly arrivals: readonly number[]
  readonly bytes: readonly number[]
}

/** An endpoint of several protocols that asks for a number of calls and then is done; it answers as fast as it can. */
export async function benchModel(): Promise<BenchModel> {
  let left = 0
  let arrivals: number[] = []
  let bytes: number[] = []
  let made = 0
  const server = createServer((request, response) => {
    const arrived = performance.now()
    const path = request.url?.split('?')[0]
    const wire = wires.find((one) => one.path === path)
    if (request.method !== 'POST' || wire === undefined) {
      request.resume()
      response.writeHead(404).end('{}')
      return
    }
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      made += 1
      let command: string | undefined
      if (wire.isWork(body)) {
        arrivals.push(arrived)
        bytes.push(body.length)
        if (left > 0) command = `true ${made}`
        left -= 1
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(wire.answer({ number: made, ...(command === undefined ? {} : { command }) }))
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    url: `${origin}/v1`,
    begin: (calls) => {
      left = calls
      arrivals = []
      bytes = []
    },
    get arrivals() {
      return arrivals
    },
    get bytes() {
      return bytes
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
