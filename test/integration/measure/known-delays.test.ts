import { describe, expect, test } from 'vitest'
import type { CrewPhase } from '../../../src/measure/generator-crew.ts'
import { GeneratorCrew } from '../../../src/measure/generator-crew.ts'
import { PhaseFigures } from '../../../src/measure/phase-figures.ts'
import type { BootPhase } from '../../../src/measure/bench-result.ts'
import { plainShape } from '../../../src/profile/workload-shape.ts'
import { disagreements } from './stalling-server/agreement.ts'
import { RunningServer } from './stalling-server/running-server.ts'
import type { ConstantLoad, Delays } from './stalling-server/script.ts'

const SESSIONS = 16
const BIMODAL: Delays = { slowOneIn: SESSIONS, fastMs: 20, slowMs: 120, stall: null }

const workload = {
  ...{ name: 'get', mix: { get: 1 }, sessions: SESSIONS, inFlight: 1 },
  ...{ valueSizeBytes: 100, keyCount: 10, shape: plainShape(100) },
}

describe('over real sockets, against a server of known delays', () => {
  // The 10 s of it, with a whole run of the command around them, are in test/long/measure.
  test('percentiles are those of the arithmetic, with two kinds of delay and with a stall that a closed loop hides', async () => {
    await using server = await RunningServer.start()
    await using crew = GeneratorCrew.start(
      {
        ...{ hosts: server.hosts, chroot: '', workload, seed: 1, sessionTimeoutMs: 10_000 },
        ...{ tls: null, digest: null, urls: [] },
      },
      1,
    )
    await crew.open()

    const phase = async (delays: Delays, load: CrewPhase['load'], seconds: number): Promise<BootPhase> => {
      await server.play(delays)
      return PhaseFigures.ofBoot(await crew.run({ name: 'test', load, durationMs: seconds * 1_000 })).boot
    }
    const expectAgreement = async (delays: Delays, load: ConstantLoad): Promise<void> => {
      const { ratePerSecond, seconds } = load
      const open = { kind: 'open', ratePerSecond, arrivals: 'constant' } as const
      const { latencyUs, errors, sending, generators } = await phase(delays, open, seconds)
      const own = Math.max(...generators.map(({ eventLoopDelayMs }) => eventLoopDelayMs.max))
      const lateMs = (await server.lateMsMax()) + own + (sending?.latenessUs.max ?? 0) / 1_000
      expect(errors).toEqual({})
      expect(disagreements({ load, delays, latencyUs, lateMs })).toEqual([])
    }

    await expectAgreement(BIMODAL, { ratePerSecond: 500, seconds: 1 })
    const stall = { fromMs: 800, toMs: 1_100 }
    await expectAgreement({ ...BIMODAL, stall }, { ratePerSecond: 500, seconds: 2 })

    // In 1 s of which 0.3 s are a stall, clients of their own would have met it 3 times in 10.
    const closed = await phase({ ...BIMODAL, slowMs: 20, stall: { fromMs: 300, toMs: 600 } }, { kind: 'closed' }, 1)
    expect(closed.latencyUs.max).toBeGreaterThanOrEqual(300_000)
    expect(closed.latencyUs.p90).toBeLessThan(150_000)
    await crew.close()
  })
})
