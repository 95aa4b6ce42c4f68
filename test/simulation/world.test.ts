import { expect, test } from 'vitest'
import { replayCommand, runSeed, type SeedRun } from './seed-run.ts'

/** Seeds that once failed, with what they found; each with the storm of CI. */
const SEEDS_THAT_ONCE_FAILED = [
  [20_172, 'a follower that found its leader again numbered its forwarded writes anew, and a cut link read on'],
  [20_763, 'a follower that lost patience on a link that stood never followed again'],
  [40_226, 'an observer never noticed that its link was dead on its own side only'],
] as const

/** Shorter than in CI: it is the variety that counts here. */
const STORM_MS = 5_000

/** Of ensembles that were asked for by kind. */
const FORMS_THAT_ONCE_FAILED = [
  [600_110, 5, 'local-sessions', 'a throttled write was executed without the one before it that the leader took along'],
  [620_491, 3, 'unanimous', 'a voter without its disk that went down with a part of the log came back with a vote'],
  [720_262, 3, 'groups', 'a throttled write was executed without the one before it that waited for a sync'],
  [730_248, 5, 'observers', 'the same, of a connection to an observer'],
  [850_292, 3, 'idle-leader', 'a damaged snapshot of a peer let a log be joined with what that snapshot had replaced'],
] as const

function runOf(seed: number, replicas: 3 | 5): SeedRun {
  return {
    seed,
    world: 'server',
    replicas,
    faults: 'swarm',
    plant: null,
    form: null,
    settings: 'drawn',
    stormMs: STORM_MS,
  }
}

const RUNS = [...Array(12).keys()].map((index) => runOf(100 + index, index % 4 === 3 ? 5 : 3))

for (const run of RUNS) {
  test(`${run.replicas} servers and their clients keep every promise, seed ${run.seed}`, () => {
    const outcome = runSeed(run, null)
    expect(outcome.violations, replayCommand(run)).toEqual([])
    expect(outcome.slotCount).toBeGreaterThan(50)
  })
}

for (const [seed, what] of SEEDS_THAT_ONCE_FAILED) {
  test(`seed ${seed} stays mended: ${what}`, () => {
    const run: SeedRun = { ...runOf(seed, 3), settings: 'plain', stormMs: null }
    expect(runSeed(run, null).violations, replayCommand(run)).toEqual([])
  })
}

for (const [seed, replicas, form, what] of FORMS_THAT_ONCE_FAILED) {
  test(`seed ${seed} of ${form} stays mended: ${what}`, () => {
    const run: SeedRun = { ...runOf(seed, replicas), form, stormMs: null }
    expect(runSeed(run, null).violations, replayCommand(run)).toEqual([])
  })
}

test('one seed gives one world, to the last event', () => {
  const traces = [1, 2].map(() => {
    const lines: string[] = []
    runSeed({ ...runOf(17, 3), stormMs: 2_000 }, (line) => lines.push(line))
    return lines.join('\n')
  })
  expect(traces[0]?.length).toBeGreaterThan(1_000)
  expect(traces[1]).toBe(traces[0])
})
