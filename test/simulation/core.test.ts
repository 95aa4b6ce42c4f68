import { expect, test } from 'vitest'
import { CoreWorld } from '../../src/sim/core-world.ts'

/** Seeds that once failed, with what they found. */
const SEEDS_THAT_ONCE_FAILED = [
  [3, 1], // a leader whose log moved on while it sent a snapshot never sent another
  [3, 230_731_484], // where one promise is a quorum, a leader that nobody had heard of lost its disk and led its ballot anew
  [5, 44], // a voter without its disk reported its snapshot to an older leader
] as const

const FRESH = [...Array(8).keys()].flatMap((seed) => [[3, 100 + seed] as const, [5, 200 + seed] as const])

for (const [replicas, seed] of [...SEEDS_THAT_ONCE_FAILED, ...FRESH]) {
  test(`${replicas} core replicas agree whatever the network does, seed ${seed}`, () => {
    const world = new CoreWorld({ seed, replicas, stormMs: 2_000 })
    const result = world.run()
    expect(result.violations, `npm run sim -- --core --seed ${seed} --replicas ${replicas}`).toEqual([])
    expect(result.chosenCount).toBeGreaterThan(20)
  })
}

test('one seed gives one world', () => {
  const results = [7, 7].map((seed) => new CoreWorld({ seed, replicas: 3, stormMs: 1_000 }).run())
  expect(results[1]).toEqual(results[0])
})
