import { expect } from 'vitest'
import { askedOf } from './asked.ts'
import { KnobWorld, memberLines } from './knob-world.ts'
import type { KnobServer, Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

const PEER_PORT = 2888
const OBSERVERS = { 'server.4': 'r4:2888:3888:observer', 'server.5': 'r5:2888:3888:observer' }

/** How servers keep their links, and how one that lags is brought up to date. */
export const peerObservations: Observations = {
  tcpKeepAlive: async () => {
    const asksWith = async (tcpKeepAlive: string): Promise<readonly (boolean | undefined)[]> => {
      const world = new KnobWorld()
      const { listens, connects } = askedOf(world)
      await world.ensemble(3, { tcpKeepAlive })
      const ofPeers = [...listens, ...connects].filter(({ port }) => port === PEER_PORT)
      return [...new Set(ofPeers.map(({ keepsAlive }) => keepsAlive))]
    }
    expect(await asksWith('false')).toEqual([false])
    expect(await asksWith('true')).toEqual([true])
  },

  'multiAddress.enabled': async () => {
    expect(await findEachOther({})).toBe(false)
    expect(await findEachOther({ 'multiAddress.enabled': 'true' })).toBe(true)
  },

  'multiAddress.reachabilityCheckEnabled': async () => {
    const lines = { 'multiAddress.enabled': 'true', 'multiAddress.reachabilityCheckEnabled': 'false' }
    expect(await findEachOther(lines)).toBe(false)
  },

  'multiAddress.reachabilityCheckTimeoutMs': async () => {
    const timeoutsWith = async (timeoutMs: string): Promise<readonly number[]> => {
      const world = new KnobWorld()
      const { connects } = askedOf(world)
      await startElsewhere(world, {
        'multiAddress.enabled': 'true',
        'multiAddress.reachabilityCheckTimeoutMs': timeoutMs,
      })
      return [...new Set(connects.map((to) => to.timeoutMs))]
    }
    expect(await timeoutsWith('1000')).toEqual([1_000])
    expect(await timeoutsWith('300')).toEqual([300])
  },

  syncEnabled: async () => {
    const writtenBy = async (syncEnabled: string): Promise<readonly [syncs: number, snapshots: number]> => {
      const world = new KnobWorld()
      const { leader, observers } = await withObservers(world, { syncEnabled, snapCount: '10' })
      const [observer] = observers
      const before = observer.disk.syncCount
      await write(world, leader, 40, 10)
      await world.until(() => holds(observer, '/39'), 'the observer has all')
      await world.pass(1_000)
      return [observer.disk.syncCount - before, observer.snapshots().length]
    }
    const [syncs, snapshots] = await writtenBy('true')
    expect(syncs).toBeGreaterThan(20)
    expect(snapshots).toBeGreaterThanOrEqual(3)
    expect(await writtenBy('false')).toEqual([0, 0])
  },

  'leader.maxConcurrentSnapSyncs': async () => {
    const sentAtOnce = async (atOnce: string): Promise<readonly number[]> => {
      const world = new KnobWorld()
      const lines = { 'leader.maxConcurrentSnapSyncs': atOnce, snapshotSizeFactor: '-1', snapCount: '20' }
      const { leader, sentBefore } = await withLaggingObservers(world, lines)
      const sent = (): number => snapshotsSentBy(leader) - sentBefore
      await world.pass(1_000)
      const first = sent()
      await world.pass(50_000)
      return [first, sent()]
    }
    expect(await sentAtOnce('10')).toEqual([2, 2])
    expect(await sentAtOnce('1')).toEqual([1, 2])
  },

  'leader.maxConcurrentDiffSyncs': async () => {
    const servedAtOnce = async (atOnce: string): Promise<readonly number[]> => {
      const world = new KnobWorld()
      const { leader } = await withLaggingObservers(world, { 'leader.maxConcurrentDiffSyncs': atOnce })
      const served = (): number => ['r4', 'r5'].filter((name) => world.sentBytes(leader.name, name) > LAG_BYTES).length
      await world.pass(1_000)
      const first = served()
      await world.pass(50_000)
      return [first, served()]
    }
    expect(await servedAtOnce('100')).toEqual([2, 2])
    expect(await servedAtOnce('1')).toEqual([1, 2])
  },

  forceSnapshotSync: async () => {
    const bySnapshot = async (forceSnapshotSync: string): Promise<boolean> => {
      const world = new KnobWorld()
      const { leader, observers } = await withObservers(world, { forceSnapshotSync })
      const [away] = observers
      away.process.crash('kill')
      await write(world, leader, 5, 10)
      away.process.restart()
      await world.until(() => away.isServing && holds(away, '/4'), 'the observer is back')
      return leader.notes.some((note) => note.startsWith('sends server'))
    }
    expect(await bySnapshot('false')).toBe(false)
    expect(await bySnapshot('true')).toBe(true)
  },

  'messageTracker.Enabled': async () => {
    expect(await traceOf({ 'messageTracker.Enabled': 'false' })).toBe(null)
    expect(await traceOf({ 'messageTracker.Enabled': 'true' })).toMatch(
      /received (accepted|heartbeatAck) \d+ ms before/,
    )
  },

  'messageTracker.BufferSize': async () => {
    const tracedWith = async (size: string): Promise<number> => {
      const trace = await traceOf({ 'messageTracker.Enabled': 'true', 'messageTracker.BufferSize': size })
      return trace?.match(/ ms before/g)?.length ?? 0
    }
    expect(await tracedWith('3')).toBe(3)
    expect(await tracedWith('20')).toBe(20)
  },

  'snapshot.trust.empty': async () => {
    // Its log goes on from a snapshot, and the snapshots are gone.
    const withoutSnapshots = async (lines: Lines): Promise<Hurt> => {
      const world = new KnobWorld()
      const servers = await world.ensemble(3, { snapCount: '10' })
      const leader = servers.find(({ isLeader }) => isLeader) ?? raise()
      const [hurt = raise(), other = raise()] = servers.filter(({ isLeader }) => !isLeader)
      await write(world, leader, 60, 10)
      await world.pass(2_000)
      hurt.process.crash('kill')
      for (const path of hurt.snapshots()) hurt.disk.remove(path)
      hurt.restart({ ...hurt.lines, ...lines })
      await world.pass(20_000)
      return { world, hurt, other }
    }
    const refused = await withoutSnapshots({})
    expect(refused.hurt.fatal?.message).toContain('the newest whole snapshot ends at slot 0')
    const { world, hurt, other } = await withoutSnapshots({ 'snapshot.trust.empty': 'true' })
    expect(hurt.fatal).toBe(null)
    expect(hurt.isServing && holds(hurt, '/59')).toBe(true)
    // It has its vote again: with one of the others gone the two decide.
    other.process.crash('kill')
    await world.wait((await world.connected(`${hurt.name}:2181`)).create('/again'))
  },
}

/** More than the log of a healthy ensemble sends a peer. */
const LAG_BYTES = 1_000_000

interface Hurt {
  readonly world: KnobWorld
  readonly hurt: KnobServer
  readonly other: KnobServer
}

interface Observed {
  readonly leader: KnobServer
  readonly observers: readonly [KnobServer, KnobServer]
}

/** Three voters and two observers, all serving. */
async function withObservers(world: KnobWorld, lines: Lines): Promise<Observed> {
  const all = [1, 2, 3, 4, 5].map((id) => world.server({ ...memberLines(3), ...OBSERVERS, ...lines }, id))
  await world.until(() => all.every(({ isServing }) => isServing), 'all serve')
  const [, , , fourth = raise(), fifth = raise()] = all
  return { leader: all.find(({ isLeader }) => isLeader) ?? raise(), observers: [fourth, fifth] }
}

/** Three servers whose first addresses lead nowhere. @returns those that serve after a while */
async function startElsewhere(world: KnobWorld, lines: Lines): Promise<readonly KnobServer[]> {
  const members = [1, 2, 3].map((id) => [`server.${id}`, `nowhere${id}:2888:3888|r${id}:2889:3889`] as const)
  const all = { initLimit: '10', syncLimit: '5', ...Object.fromEntries(members), ...lines }
  const servers = [1, 2, 3].map((id) => world.server(all, id))
  await world.pass(15_000)
  return servers.filter(({ isServing }) => isServing)
}

async function findEachOther(lines: Lines): Promise<boolean> {
  return (await startElsewhere(new KnobWorld(), lines)).length === 3
}

/** Two observers have just come back who missed megabytes, over narrow links. */
async function withLaggingObservers(
  world: KnobWorld,
  lines: Lines,
): Promise<{ readonly leader: KnobServer; readonly sentBefore: number }> {
  const { leader, observers } = await withObservers(world, lines)
  for (const { process } of observers) process.crash('kill')
  await write(world, leader, 40, 100_000)
  for (const { name, process } of observers) {
    world.network.setLink(leader.name, name, { bytesPerMs: 500 })
    process.restart()
  }
  return { leader, sentBefore: snapshotsSentBy(leader) }
}

function snapshotsSentBy(server: KnobServer): number {
  return server.notes.filter((note) => note.startsWith('sends server')).length
}

async function write(world: KnobWorld, server: KnobServer, count: number, sizeBytes: number): Promise<void> {
  const client = await world.connected(`${server.name}:2181`)
  for (let index = 0; index < count; index++) await world.wait(client.create(`/${index}`, Buffer.alloc(sizeBytes)))
}

function holds(server: KnobServer, path: string): boolean {
  return server.running.server.tree.getNode(path) !== null
}

/** What the leader wrote to its log of its last messages with a follower that was killed. */
async function traceOf(lines: Lines): Promise<string | null> {
  const world = new KnobWorld()
  const servers = await world.ensemble(3, lines)
  const leader = servers.find(({ isLeader }) => isLeader) ?? raise()
  await world.pass(20_000)
  const follower = servers.find(({ isLeader }) => !isLeader) ?? raise()
  follower.process.crash('kill')
  await world.pass(1_000)
  return leader.notes.find((note) => note.startsWith(`the last messages with server ${follower.name.slice(1)}`)) ?? null
}

function raise(): never {
  throw new Error('there should be one')
}
