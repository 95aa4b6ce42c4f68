import { afterAll, beforeAll, expect, test } from 'vitest'
import { Coverage } from '../../differential/coverage.ts'
import type { Target } from '../../differential/conversation.ts'
import { startFlawedProxy, type Flaw } from '../../differential/flawed-proxy.ts'
import { sequenceOf } from '../../differential/generate.ts'
import { reportOf } from '../../differential/report.ts'
import { Bench, runAll, type Outcome } from '../../differential/run.ts'
import { shrink, withParts } from '../../differential/shrink.ts'
import { startApacheTarget, startOwnTarget, type RunningTarget } from '../../differential/targets.ts'
import type { OpName } from '../../differential/sequence.ts'

/** The same with each run: what a commit is judged by has been seen before it. `npm run differential` breaks new ground. */
const FIRST_SEED = 1
const SEQUENCES = 2_000
const ENSEMBLE_SEQUENCES = 150
const WIDTH = 8
const FAILURES_MAX = 3

let apache: RunningTarget
let zktune: RunningTarget

beforeAll(async () => {
  ;[apache, zktune] = await Promise.all([startApacheTarget(1), startOwnTarget(1)])
})

afterAll(async () => {
  await apache[Symbol.asyncDispose]()
  await zktune[Symbol.asyncDispose]()
})

async function differencesOf(
  targets: { readonly reference: Target; readonly ours: Target },
  seeds: readonly number[],
  coverage: Coverage,
): Promise<Outcome[]> {
  const different: Outcome[] = []
  const sequences = seeds.map((seed) => sequenceOf(seed, { servers: targets.ours.ports.length }))
  await runAll(targets, sequences, {
    width: WIDTH,
    onOutcome: (outcome) => {
      coverage.add(outcome.reference)
      if (outcome.difference !== null) different.push(outcome)
    },
    isEnough: () => different.length >= FAILURES_MAX,
  })
  return different
}

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_each, index) => first + index)
}

test(
  `${SEQUENCES} random sequences get the same answers from Apache ZooKeeper and from zktune`,
  { timeout: 600_000 },
  async () => {
    console.log(`seeds ${FIRST_SEED} to ${FIRST_SEED + SEQUENCES - 1}`)
    const coverage = new Coverage()
    const startMs = performance.now()
    const different = await differencesOf(
      { reference: apache, ours: zktune },
      seedsFrom(FIRST_SEED, SEQUENCES),
      coverage,
    )
    const seconds = (performance.now() - startMs) / 1_000
    console.log(`${seconds.toFixed(1)} s, ${(SEQUENCES / seconds).toFixed(1)} sequences a second\n${coverage.text()}`)
    await using bench = await Bench.open(apache, zktune)
    const reports: string[] = []
    for (const outcome of different) reports.push(await reportOf(outcome, bench, 1))
    expect(reports.join('\n\n')).toBe('')

    // What is compared has to happen: a generator that asks for nothing would find nothing.
    const never = MUST_HAPPEN.flatMap(([what, ...outcomes]) =>
      outcomes.filter((outcome) => coverage.count(what, outcome) === 0).map((outcome) => `${what} ${outcome}`),
    )
    expect(never).toEqual([])
  },
)

const MUST_HAPPEN: readonly (readonly [OpName | 'event' | 'connection', ...string[]])[] = [
  [
    'create',
    'ok',
    'NONODE',
    'NODEEXISTS',
    'NOCHILDRENFOREPHEMERALS',
    'NOAUTH',
    'INVALIDACL',
    'BADARGUMENTS',
    'QUOTAEXCEEDED',
  ],
  ['create2', 'ok', 'NONODE', 'NODEEXISTS', 'NOCHILDRENFOREPHEMERALS', 'NOAUTH', 'INVALIDACL', 'BADARGUMENTS'],
  ['createContainer', 'ok', 'NONODE', 'NODEEXISTS'],
  ['createTTL', 'ok', 'NONODE', 'BADARGUMENTS'],
  ['delete', 'ok', 'NONODE', 'BADVERSION', 'NOTEMPTY', 'NOAUTH', 'BADARGUMENTS'],
  ['setData', 'ok', 'NONODE', 'BADVERSION', 'NOAUTH', 'BADARGUMENTS', 'MARSHALLINGERROR'],
  ['setACL', 'ok', 'NONODE', 'BADVERSION', 'NOAUTH', 'INVALIDACL', 'BADARGUMENTS'],
  ['getData', 'ok', 'NONODE', 'NOAUTH', 'MARSHALLINGERROR'],
  ['exists', 'ok', 'NONODE', 'MARSHALLINGERROR'],
  ['getChildren', 'ok', 'NONODE', 'NOAUTH'],
  ['getChildren2', 'ok', 'NONODE', 'NOAUTH'],
  ['getACL', 'ok', 'NONODE'],
  ['getAllChildrenNumber', 'ok', 'NONODE'],
  ['multi', 'ok', 'MARSHALLINGERROR'],
  ['multiRead', 'ok', 'MARSHALLINGERROR'],
  ['sync', 'ok'],
  ['getEphemerals', 'ok'],
  ['whoAmI', 'ok'],
  ['addWatch', 'ok', 'MARSHALLINGERROR'],
  ['checkWatches', 'ok', 'NOWATCHER', 'MARSHALLINGERROR'],
  ['removeWatches', 'ok', 'NOWATCHER', 'MARSHALLINGERROR'],
  ['setWatches', 'ok'],
  ['setWatches2', 'ok'],
  ['auth', 'ok', 'AUTHFAILED'],
  ['unknown', 'UNIMPLEMENTED'],
  ['closeSession', 'ok'],
  ['event', 'created', 'deleted', 'data changed', 'children changed'],
  ['connection', 'open', 'refused', 'closed', 'expired'],
]

test(`${ENSEMBLE_SEQUENCES} sequences do so with three servers each`, { timeout: 300_000 }, async () => {
  await using three = await startApacheTarget(3)
  await using threeOfOurs = await startOwnTarget(3)
  const targets = { reference: three, ours: threeOfOurs }
  const different = await differencesOf(targets, seedsFrom(FIRST_SEED, ENSEMBLE_SEQUENCES), new Coverage())
  await using bench = await Bench.open(three, threeOfOurs)
  const reports: string[] = []
  for (const outcome of different) reports.push(await reportOf(outcome, bench, 3))
  expect(reports.join('\n\n')).toBe('')
})

const EVENT_XID = -1
const BADVERSION = -103
const NONODE = -101

const FLAWS: readonly (readonly [string, () => Flaw])[] = [
  [
    'another error code',
    () => (payload) => {
      if (payload.readInt32BE(12) === BADVERSION) payload.writeInt32BE(NONODE, 12)
      return [payload]
    },
  ],
  ['no watch events', () => (payload) => (payload.readInt32BE(0) === EVENT_XID ? [] : [payload])],
  [
    'an event behind the next reply',
    () => {
      let held: Buffer[] = []
      return (payload) => {
        if (payload.readInt32BE(0) === EVENT_XID) {
          held.push(payload)
          return []
        }
        const all = [payload, ...held]
        held = []
        return all
      }
    },
  ],
]

test.each(FLAWS)('a server with %s is found out, in few steps', { timeout: 300_000 }, async (_what, newFlaw) => {
  await using flawed = await startFlawedProxy(zktune, newFlaw)
  const targets = { reference: zktune, ours: flawed }
  const [found] = await differencesOf(targets, seedsFrom(1, 200), new Coverage())
  if (found === undefined) throw new Error('200 sequences did not show it')
  await using bench = await Bench.open(zktune, flawed)
  const parts = await shrink(found.sequence, async (shorter) => (await bench.run(shorter)).difference !== null)
  expect(parts.length).toBeLessThanOrEqual(6)
  expect((await bench.run(withParts(found.sequence, parts))).difference).not.toBeNull()
})

test('a sequence during which an ensemble closes every connection is run again, once', async () => {
  await using proxy = await startFlawedProxy(zktune, () => (payload) => [payload])
  await using bench = await Bench.open(zktune, proxy)
  const sequence = sequenceOf(FIRST_SEED, { servers: 1 })

  proxy.interrupt()
  expect((await bench.run(sequence)).difference).toBeNull()

  const restless = setInterval(() => proxy.interrupt(), 1)
  await expect(bench.run(sequence)).rejects.toThrow('closed the connection of the auditor')
  clearInterval(restless)
})
