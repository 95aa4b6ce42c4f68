import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalEnsemble } from '../../../src/ensemble/local-ensemble.ts'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import { runBench } from '../../../src/measure/run-bench.ts'
import type { PlanFlags } from '../../../src/profile/plan-flags.ts'
import { smallPlan, WORKLOADS, znodesInHand } from '../../integration/measure/shipped-workloads.ts'

/**
 * A whole run, as a user would start it: boot, warm-up, capacity. No rates: on a busy machine as many requests may be under way in
 * an open loop as it likes, and each makes znodes of its own.
 */
async function runs(workload: string, flags: PlanFlags, cluster: string | null): Promise<void> {
  const plan = smallPlan(workload, { closed: true, duration: '2s', warmup: '500ms', ...flags }, cluster)
  const { phases, boots, partial } = await runBench(plan)
  expect(phases.map(({ name, errors, byOperation }) => ({ name, errors, byOperation }))).toEqual(
    phases.map(({ name, byOperation }) => ({ name, errors: {}, byOperation })),
  )
  expect(phases[0]?.opsPerSecond).toBeGreaterThan(0)
  expect(partial).toBe(false)
  const znodes = boots[0]?.znodes
  expect(znodes).toBeDefined()
  if (znodes !== undefined && znodes !== null) {
    expect(Math.abs(znodes.after - znodes.before)).toBeLessThanOrEqual(znodesInHand(plan.workload))
  }
}

describe('every workload runs without an error and without drift', () => {
  test.each(WORKLOADS)('%s on three servers of the built-in engine', async (name) => {
    await runs(name, {}, 'small-cluster')
  })

  test.each(WORKLOADS.filter((name) => name !== 'http-gateway'))('%s on Apache', async (name) => {
    await runs(name, { engine: 'apache', heap: '256MiB' }, 'standalone')
  })

  describe('on an ensemble that runs already', () => {
    let ensemble: LocalEnsemble
    beforeAll(async () => {
      ensemble = await startEnsemble({ replicas: 1, settings: { '4lw.commands.whitelist': '*' } })
    })
    afterAll(() => ensemble.stop())

    test.each(WORKLOADS.filter((name) => name !== 'http-gateway'))('%s', async (name) => {
      const [server] = await ensemble.servers()
      const adminPort = String(server?.adminPort)
      await runs(name, { engine: 'remote', connect: ensemble.hosts, allowRemoteWrites: true, adminPort }, null)
    })
  })
})
