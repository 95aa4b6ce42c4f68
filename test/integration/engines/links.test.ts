import { expect, test } from 'vitest'
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'
import { fastestWriteMs } from './fastest-write.ts'

const NEAR = { jitterMs: 2, lossPercent: 0 }

// A bound that distance gives, not the clock of a busy machine: nothing can be faster, everything may be slower.
test('with distance between its servers an ensemble acknowledges no write sooner than a quorum can know of it', async () => {
  await using ensemble = await startEnsemble({
    links: [
      { a: 1, b: 2, delayMs: 20, ...NEAR },
      { a: 1, b: 3, delayMs: 20, ...NEAR },
      { a: 2, b: 3, delayMs: 30, ...NEAR },
    ],
    readyTimeoutMs: 60_000,
  })
  const roles = (await ensemble.servers()).map(({ role }) => role)
  expect(roles.toSorted()).toEqual(['follower', 'follower', 'leader'])
  expect(await fastestWriteMs(ensemble.hosts)).toBeGreaterThanOrEqual(40)
})
