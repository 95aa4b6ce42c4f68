import { expect, test } from 'vitest'
import { runSeed, type SeedRun } from './seed-run.ts'

function firstViolation(run: Omit<SeedRun, 'seed'>, seeds: readonly number[]): string | null {
  for (const seed of seeds) {
    const [violation] = runSeed({ ...run, seed }, null).violations
    if (violation !== undefined) return violation
  }
  return null
}

const SERVERS = { world: 'server', replicas: 3, faults: 'swarm', form: null, settings: 'drawn', stormMs: null } as const

test('the seeds catch a link that resends forwarded writes', () => {
  const violation = firstViolation({ ...SERVERS, plant: 'resends-forwarded-writes' }, [1, 2, 3, 4, 5, 6, 7, 8])
  expect(violation).toMatch(/is executed again|is in slot \d+ and again in slot/)
})

test(
  'real servers with a learner that applies an older ballot are caught from outside, too',
  { timeout: 60_000 },
  () => {
    const seeds = [...Array(30).keys()].map((index) => 8 + index)
    expect(firstViolation({ ...SERVERS, plant: 'applies-older-ballot' }, seeds)).not.toBeNull()
  },
)
