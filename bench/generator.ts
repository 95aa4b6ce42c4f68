/**
 * What the load generator itself costs, and how well it keeps a schedule: one generator process against a server that answers at once.
 * `npm run bench -- generator [--seconds 5] [--sessions 16] [--in-flight 16] [--rates 1000,10000]`
 *
 * CPU an operation is what changes least on a busy machine; compare that. Below a few thousand a second most of it is not the request's: the rows
 * `waking` are of an event loop that wakes so often and sends nothing.
 */
import { plainShape } from '../src/profile/workload-shape.ts'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { BootPhase } from '../src/measure/bench-result.ts'
import { GeneratorCrew } from '../src/measure/generator-crew.ts'
import { MachineClock } from '../src/measure/machine-clock.ts'
import { PhaseFigures } from '../src/measure/phase-figures.ts'
import { LatencyHistogram } from '../src/stats/latency-histogram.ts'

const clock = new MachineClock()
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '16' },
    'in-flight': { type: 'string', default: '16' },
    rates: { type: 'string', default: '1000,10000' },
  },
})

/**
 * Not a ZooKeeper: it takes every session, and answers every request with success and no record, with no more work than the frames ask for.
 * In a thread of its own, as text, for a thread has no loader for TypeScript.
 */
const SERVER = `
const { createServer } = require('node:net')
const { parentPort } = require('node:worker_threads')
const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0)
  let isNew = true
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const replies = []
    let at = 0
    while (rest.length - at >= 4 && rest.length - at - 4 >= rest.readInt32BE(at)) {
      if (isNew) {
        const reply = Buffer.alloc(4 + 4 + 4 + 8 + 4 + 16 + 1)
        reply.writeInt32BE(reply.length - 4, 0)
        reply.writeInt32BE(10000, 8)
        reply.writeInt32BE(1, 16)
        reply.writeInt32BE(16, 20)
        replies.push(reply)
        isNew = false
      } else {
        const reply = Buffer.alloc(4 + 16)
        reply.writeInt32BE(16, 0)
        rest.copy(reply, 4, at + 4, at + 8)
        reply.writeInt32BE(1, 12)
        replies.push(reply)
      }
      at += 4 + rest.readInt32BE(at)
    }
    rest = rest.subarray(at)
    if (replies.length > 0) socket.write(replies.length === 1 ? replies[0] : Buffer.concat(replies))
  })
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

const durationMs = Number(values.seconds) * 1_000
const rates = values.rates.split(',').map(Number)
console.log(
  '| load | ops/s | CPU µs an operation | sent late by p50, p99, max µs | response p50, p99 µs |\n|---|---|---|---|---|',
)
// The waker holds no process.
const awake = setInterval(() => undefined, 60_000)
for (const rate of rates) {
  await tellWaking('waking by a timer of Node', rate, (atMs, onWake) => {
    setTimeout(onWake, Math.max(1, Math.ceil(atMs - clock.nowMs())))
  })
  await tellWaking('waking by the thread', rate, (atMs, onWake) => void clock.wakeAt(atMs, onWake))
}
clearInterval(awake)
clock[Symbol.dispose]()
const server = new Worker(SERVER, { eval: true, execArgv: [] })
const port = await new Promise<number>((resolve) => server.once('message', resolve))
const workload = {
  name: 'get',
  mix: { get: 1 },
  sessions: Number(values.sessions),
  inFlight: Number(values['in-flight']),
  valueSizeBytes: 100,
  keyCount: 1_000,
  shape: plainShape(100),
}
await using crew = GeneratorCrew.start(
  {
    hosts: `127.0.0.1:${port}`,
    chroot: '',
    workload,
    seed: 1,
    sessionTimeoutMs: 10_000,
    tls: null,
    digest: null,
    urls: [],
  },
  1,
)
await crew.open()
await crew.run({ name: 'warming up', load: { kind: 'closed' }, durationMs: 2_000 })
tell('closed', PhaseFigures.ofBoot(await crew.run({ name: 'closed', load: { kind: 'closed' }, durationMs })).boot)
for (const rate of rates) {
  const load = { kind: 'open', ratePerSecond: rate, arrivals: 'poisson' } as const
  tell(`${rate}/s`, PhaseFigures.ofBoot(await crew.run({ name: String(rate), load, durationMs })).boot)
}
await crew.close()
await server.terminate()

/** As often as an open loop would, at even times. */
async function tellWaking(
  name: string,
  rate: number,
  wakeAt: (atMs: number, onWake: () => void) => void,
): Promise<void> {
  const late = new LatencyHistogram()
  const startMs = clock.nowMs() + 20
  const before = process.cpuUsage()
  let wakes = 0
  await new Promise<void>((resolve) => {
    let due = 0
    const next = (): void => wakeAt(startMs + (due * 1_000) / rate, onWake)
    const onWake = (): void => {
      wakes++
      const nowMs = clock.nowMs()
      for (; startMs + (due * 1_000) / rate <= nowMs; due++)
        late.record((nowMs - startMs - (due * 1_000) / rate) * 1_000)
      if (nowMs < startMs + durationMs) next()
      else resolve()
    }
    next()
  })
  const { user, system } = process.cpuUsage(before)
  const { p50, p99, max, count } = late.summary()
  const cpuUs = (user + system) / count
  console.log(
    `| ${name}, ${rate}/s | ${Math.round((wakes * 1_000) / durationMs)} wakes/s | ${cpuUs.toFixed(2)} | ${p50}, ${p99}, ${max} | - |`,
  )
}

function tell(name: string, { opsPerSecond, series, generators, sending, latencyUs }: BootPhase): void {
  const operations = series.points.reduce((sum, point) => sum + point.operations, 0)
  const cpuUs = (generators.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) * 1e6) / operations
  const late = sending?.latenessUs
  const lateText = late === undefined ? '-' : `${late.p50}, ${late.p99}, ${late.max}`
  console.log(
    `| ${name} | ${Math.round(opsPerSecond)} | ${cpuUs.toFixed(2)} | ${lateText} | ${latencyUs.p50}, ${latencyUs.p99} |`,
  )
}
