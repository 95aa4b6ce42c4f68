/**
 * What it costs a server to get what a socket has read, in its three ways: `npm run bench -- reads`. A server of its own process
 * answers each kibibyte with 60 bytes; its CPU time a request, the ways in turn.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { shareReads } from '../src/io/shared-reads.ts'
import { quantile } from '../src/stats/quantile.ts'

const WAYS = {
  events: 'events, memory for each read',
  shared: 'one buffer for all reads',
  copied: 'one buffer, and a copy of all that came',
} as const
type Way = keyof typeof WAYS

const REQUEST_BYTES = 1024
const REPLY_BYTES = 60
const CONNECTIONS = 16
const WARM_UP_MS = 500

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    serve: { type: 'string' },
  },
})

if (values.serve === undefined) await measure(Number(values.rounds), Number(values.seconds) * 1_000)
else serve(values.serve as Way)

/** In a process of its own: says its port, then its CPU time whenever it is asked. */
function serve(way: Way): void {
  const replies = Buffer.alloc(64 * REPLY_BYTES)
  const server = createServer({ noDelay: true }, (socket) => {
    let owed = 0
    const onBytes = (bytes: Buffer): void => {
      const kept = way === 'copied' ? Buffer.from(bytes) : bytes
      owed += kept.length
      const count = Math.floor(owed / REQUEST_BYTES)
      owed -= count * REQUEST_BYTES
      if (count > 0) socket.write(replies.subarray(0, count * REPLY_BYTES))
    }
    socket.on('error', () => socket.destroy())
    if (way === 'events') socket.on('data', onBytes)
    else if (!shareReads(socket, onBytes)) throw new Error('this version of Node has no shared reads')
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port))
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.on('disconnect', () => process.exit())
}

async function measure(rounds: number, durationMs: number): Promise<void> {
  console.log(`µs of a server's CPU a request of ${REQUEST_BYTES} bytes, ${CONNECTIONS} connections, ${rounds} rounds`)
  for (const inFlight of [1, 16]) {
    const costs = new Map<Way, number[]>()
    for (let round = 0; round < rounds; round++) {
      for (const way of Object.keys(WAYS) as Way[]) {
        costs.set(way, [...(costs.get(way) ?? []), await costOf(way, inFlight, durationMs)])
      }
    }
    console.log(`\n${inFlight} in flight on each`)
    for (const [way, each] of costs) {
      const sorted = Float64Array.from(each).sort()
      const [low = 0, high = 0] = [sorted[0], sorted.at(-1)]
      const median = quantile(sorted, 0.5)
      console.log(`  ${WAYS[way].padEnd(42)}${median.toFixed(2).padStart(6)} (${low.toFixed(2)} to ${high.toFixed(2)})`)
    }
  }
}

async function costOf(way: Way, inFlight: number, durationMs: number): Promise<number> {
  const server = fork(fileURLToPath(import.meta.url), ['--serve', way])
  const sockets: Socket[] = []
  try {
    const port = await told(server)
    let answered = 0
    for (let at = 0; at < CONNECTIONS; at++) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      sockets.push(socket)
      await once(socket, 'connect')
      let owed = 0
      const requests = Buffer.alloc(inFlight * REQUEST_BYTES)
      socket.on('data', (bytes) => {
        owed += bytes.length
        const count = Math.floor(owed / REPLY_BYTES)
        owed -= count * REPLY_BYTES
        answered += count
        socket.write(requests.subarray(0, count * REQUEST_BYTES))
      })
      socket.write(requests)
    }
    await delay(WARM_UP_MS)
    const [answeredBefore, cpuBefore] = [answered, await cpuMicros(server)]
    await delay(durationMs)
    const [answeredAfter, cpuAfter] = [answered, await cpuMicros(server)]
    return (cpuAfter - cpuBefore) / (answeredAfter - answeredBefore)
  } finally {
    for (const socket of sockets) socket.destroy()
    const gone = once(server, 'exit')
    server.disconnect()
    await gone
  }
}

async function cpuMicros(server: ChildProcess): Promise<number> {
  server.send('cpu')
  return told(server)
}

async function told(server: ChildProcess): Promise<number> {
  const failed = once(server, 'exit').then(() => Promise.reject(new Error('the server ended')))
  const [value] = (await Promise.race([once(server, 'message'), failed])) as [number]
  return value
}
