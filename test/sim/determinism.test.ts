import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { drawFaults, FAULT_KINDS, FaultDriver, parseFaultKinds } from '../../src/sim/faults.ts'
import { Scheduler } from '../../src/sim/scheduler.ts'
import { SimClock } from '../../src/sim/sim-clock.ts'
import { SimDisk } from '../../src/sim/sim-disk.ts'
import { SimNetwork } from '../../src/sim/sim-network.ts'
import { SimProcess } from '../../src/sim/sim-process.ts'

/** Three machines that greet each other and keep a diary, under every fault there is. */
function chatter(seed: number, untilMs: number) {
  const scheduler = new Scheduler()
  const trace: string[] = []
  scheduler.onEvent = (atMs, label) => trace.push(`${atMs} ${label}`)
  const prng = new Prng(seed)
  const network = new SimNetwork(scheduler, prng.fork('network'))
  const names = ['r1', 'r2', 'r3']
  const machines = names.map((name) => {
    const process: SimProcess = new SimProcess(scheduler, name, () => {
      disk.makeFolder('/d')
      const file = disk.open('/d/diary')
      let size = 0
      port.listen(
        { host: name, port: 1, backlog: null },
        (connection) => {
          connection.handler = {
            onData: (bytes) => {
              const kept = Buffer.from(bytes)
              file.writeAndSync(kept, size, () => trace.push(`${name} keeps ${kept.toString()}`))
              size += bytes.length
            },
            onDrain: () => {},
            onClose: () => {},
          }
        },
        () => {},
      )
      const greet = (): void => {
        for (const other of names) {
          port.connect({ host: other, port: 1, timeoutMs: 500 }, (result) => {
            if (result instanceof Error) return
            result.write(Buffer.from(`hello from ${name}`))
            result.end()
          })
        }
        clock.setTimer(100, greet)
      }
      greet()
    })
    const disk = new SimDisk(process, prng.fork(`${name} disk`))
    const clock = new SimClock(process, prng.fork(`${name} clock`))
    const port = network.host(process)
    process.restart()
    return { process, disk, clock, rot: (chance: Prng) => disk.rot(chance), loseSnapshots: () => undefined }
  })
  const note = (text: string): number => trace.push(text)
  const plan = drawFaults(prng.fork('faults'), FAULT_KINDS)
  const driver = new FaultDriver(plan, prng.fork('strikes'), {
    scheduler,
    network,
    machines,
    maySpare: () => false,
    clientHosts: [],
    note,
  })
  scheduler.runUntil(untilMs)
  driver.stop()
  expect(machines.every(({ process }) => process.isUp)).toBe(true)
  return { trace, digest: scheduler.digest, plan }
}

test('one seed gives one trace, event for event', () => {
  for (const seed of [1, 2, 3]) {
    const first = chatter(seed, 8_000)
    const second = chatter(seed, 8_000)
    expect(first.trace.length).toBeGreaterThan(1_000)
    expect(second.trace.join('\n')).toBe(first.trace.join('\n'))
    expect(second.digest).toBe(first.digest)
  }
})

test('other seeds give other traces and other faults', () => {
  const digests = [1, 2, 3].map((seed) => chatter(seed, 5_000).digest)
  expect(new Set(digests).size).toBe(3)
  const kinds = Array.from({ length: 200 }, (_, seed) => drawFaults(new Prng(seed), FAULT_KINDS))
  for (const kind of FAULT_KINDS) {
    const activeCount = kinds.filter((plan) => plan.has(kind)).length
    expect(activeCount).toBeGreaterThan(60)
    expect(activeCount).toBeLessThan(140)
  }
})

test('the kinds of faults are chosen by name, and an unknown name is refused', () => {
  expect(parseFaultKinds('none')).toEqual([])
  expect(parseFaultKinds('swarm')).toEqual(FAULT_KINDS)
  expect(parseFaultKinds('kill,power')).toEqual(['kill', 'power'])
  expect(() => parseFaultKinds('kill,flood')).toThrow('there is no fault "flood"')
})
