import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import type { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import { KnobWorld } from './knob-world.ts'
import type { KnobServer, Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

export const storageObservations: Observations = {
  'autopurge.purgeInterval': async () => {
    const kept = async (lines: Lines, hours: number): Promise<readonly number[]> => {
      const { world, server, client } = await written({ snapCount: '10', ...lines }, 60)
      const counts = [server.snapshots().length]
      await world.wait(client.close())
      await world.pass(hours * 3_600_000)
      return [...counts, server.snapshots().length]
    }
    expect(await kept({}, 0)).toEqual([3, 3])
    const [before = 0, after = 0] = await kept({ 'autopurge.purgeInterval': '1' }, 1.01)
    expect(before).toBeGreaterThan(5)
    expect(after).toBe(3)
    const [left = 0] = await kept({ 'autopurge.purgeInterval': '0' }, 0)
    expect(left).toBeGreaterThan(5)
  },

  commitLogCount: async () => {
    expect(await caughtUpBySnapshot({ snapshotSizeFactor: '-1', commitLogCount: '500' })).toBe(true)
    expect(await caughtUpBySnapshot({ snapshotSizeFactor: '-1', commitLogCount: '5000' })).toBe(false)
  },

  snapshotSizeFactor: async () => {
    expect(await caughtUpBySnapshot({ snapshotSizeFactor: '-1' })).toBe(true)
    expect(await caughtUpBySnapshot({})).toBe(false)
  },

  'datadir.autocreate': async () => {
    const world = new KnobWorld()
    const server = world.server({ dataLogDir: '/not-mounted', 'datadir.autocreate': 'false' })
    await world.pass(1_000)
    expect(server.fatal?.message).toContain('/not-mounted: the folder is not there')
    server.restart({ dataLogDir: '/not-mounted' })
    await world.until(() => server.isServing, 'it serves')
  },

  flushDelay: async () => {
    // Ten writers, one write each at a time: what waits a little shares its flush.
    const atOnce = await syncsOf({})
    expect(await syncsOf({ flushDelay: '60', maxWriteQueuePollTime: '60' })).toBeLessThan(atOnce / 2)
  },

  maxWriteQueuePollTime: async () => {
    const aloneMs = async (pollMs: string): Promise<number> => {
      const { world, client } = await written({ flushDelay: '1000', maxWriteQueuePollTime: pollMs }, 1)
      const startMs = world.scheduler.nowMs
      await write(world, client, 2)
      return world.scheduler.nowMs - startMs
    }
    expect(await aloneMs('20')).toBeLessThan(200)
    expect(await aloneMs('900')).toBeGreaterThan(800)
  },

  maxBatchSize: async () => {
    const syncsWith = async (maxBatchSize: string): Promise<number> => {
      const { world, server, client } = await written({ maxBatchSize }, 1)
      server.disk.conditions.syncMs = [200, 200]
      const before = server.disk.syncCount
      await writeMany(world, client, 200)
      return server.disk.syncCount - before
    }
    expect(await syncsWith('1000')).toBeLessThan(10)
    expect(await syncsWith('10')).toBeGreaterThanOrEqual(20)
  },

  'fsync.warningthresholdms': async () => {
    const warnings = async (thresholdMs: string): Promise<string | null> => {
      const { world, server, client } = await written({ 'fsync.warningthresholdms': thresholdMs }, 1)
      server.disk.conditions.syncMs = [100, 100]
      await write(world, client, 1)
      server.disk.conditions.syncMs = [1, 1]
      const noted = server.notes.filter((note) => note.startsWith('a sync of the log in /data/zktune-1 took'))
      expect(String(noted.length)).toBe(await world.figure('fsync_threshold_exceed_count'))
      return String(noted.length)
    }
    expect(await warnings('50')).toBe('1')
    expect(await warnings('500')).toBe('0')
  },

  snapSizeLimitInKb: async () => {
    const snapshotsWith = async (limit: string): Promise<number> => {
      const { server } = await written({ snapSizeLimitInKb: limit }, 40, 1_000)
      return server.snapshots().length
    }
    expect(await snapshotsWith('-1')).toBe(0)
    expect(await snapshotsWith('10')).toBeGreaterThanOrEqual(3)
  },

  'snapshot.compression.method': async () => {
    const newestWith = async (method: string): Promise<{ readonly path: string; readonly bytes: Buffer }> => {
      const { world, server } = await written({ snapCount: '10', 'snapshot.compression.method': method }, 30, 5_000)
      const path = server.snapshots().at(-1) ?? raise()
      const bytes = server.disk.read(path)
      server.restart({ snapCount: '10' })
      await world.until(() => server.isServing, 'the server starts from it')
      return { path, bytes }
    }
    const plain = await newestWith('')
    const compressed = await newestWith('gz')
    expect(plain.bytes.length).toBeGreaterThan(5_000)
    expect(compressed.path).toMatch(/\/snapshot\.[0-9a-f]+\.gz$/)
    expect(compressed.bytes.length).toBeLessThan(2_000)
    expect(gunzipSync(compressed.bytes).subarray(0, 8).toString()).toBe('zktsnap1')
  },

  txnLogSizeLimitInKb: async () => {
    const filesWith = async (limit: string): Promise<number> => {
      const { server } = await written({ txnLogSizeLimitInKb: limit }, 40, 1_000)
      return server.logFiles().length
    }
    expect(await filesWith('-1')).toBe(1)
    expect(await filesWith('10')).toBeGreaterThanOrEqual(3)
  },

  'zktune.logSync': async () => {
    // A simulated disk takes its time only from whoever does not stand and wait for it.
    const writeMs = async (mode: string): Promise<number> => {
      const { world, server, client } = await written({ 'zktune.logSync': mode }, 1)
      server.disk.conditions.syncMs = [300, 300]
      const startMs = world.scheduler.nowMs
      await write(world, client, 1)
      return world.scheduler.nowMs - startMs
    }
    expect(await writeMs('async')).toBeGreaterThan(300)
    expect(await writeMs('inline')).toBeLessThan(100)
  },

  'zktune.logWritesInFlight': async () => {
    // Writes that come 10 ms apart, while a sync takes a second: how long until all are answered.
    const takenMs = async (count: string): Promise<number> => {
      const { world, server, client } = await written({ 'zktune.logWritesInFlight': count }, 1)
      server.disk.conditions.syncMs = [1_000, 1_000]
      const startMs = world.scheduler.nowMs
      const writes: Promise<unknown>[] = []
      for (const value of ['a', 'b', 'c']) {
        writes.push(client.setData('/k', value))
        await world.pass(10)
      }
      await world.wait(Promise.all(writes))
      return world.scheduler.nowMs - startMs
    }
    expect(await takenMs('1')).toBeGreaterThan(2_000)
    expect(await takenMs('3')).toBeLessThan(1_500)
  },

  dataDir: async () => {
    const { server } = await written({ dataDir: '/elsewhere' }, 1)
    expect(server.disk.list('/elsewhere/zktune-1')).not.toEqual([])
    expect(server.disk.exists('/data')).toBe(false)
  },

  dataLogDir: async () => {
    const { server } = await written({ dataLogDir: '/log' }, 1)
    expect(server.disk.list('/log/zktune-1')).toEqual([expect.stringMatching(/^log\./)])
    expect(server.disk.list('/data/zktune-1')).toEqual([])
  },

  preAllocSize: async () => {
    const sizeWith = async (preAllocSize: string): Promise<number> => {
      const { server } = await written({ preAllocSize }, 1)
      return server.disk.sizeBytes(server.logFiles()[0] ?? '')
    }
    expect(await sizeWith('128')).toBe(128 * 1_024)
    expect(await sizeWith('0')).toBeLessThan(4_096)
  },

  forceSync: async () => {
    const syncsWith = async (forceSync: string): Promise<number> => {
      const { world, server, client } = await written({ forceSync }, 1)
      const before = server.disk.syncCount
      await write(world, client, 20)
      return server.disk.syncCount - before
    }
    expect(await syncsWith('yes')).toBeGreaterThanOrEqual(20)
    expect(await syncsWith('no')).toBe(0)
  },

  snapCount: async () => {
    const snapshotsWith = async (snapCount: string): Promise<number> => {
      const { server } = await written({ snapCount }, 30)
      return server.snapshots().length
    }
    expect(await snapshotsWith('1000')).toBe(0)
    expect(await snapshotsWith('10')).toBeGreaterThanOrEqual(2)
  },

  'autopurge.snapRetainCount': async () => {
    const keptWith = async (count: string): Promise<number> => {
      const { server } = await written({ snapCount: '10', 'autopurge.snapRetainCount': count }, 100)
      return server.snapshots().length
    }
    expect(await keptWith('3')).toBe(3)
    expect(await keptWith('5')).toBe(5)
  },
}

/** A standalone server after so many writes, one after the other. */
async function written(
  lines: Lines,
  count: number,
  sizeBytes = 10,
): Promise<{ readonly world: KnobWorld; readonly server: KnobServer; readonly client: ZooKeeperClient }> {
  const world = new KnobWorld()
  const server = await world.standalone(lines)
  const client = await world.connected()
  await world.wait(client.create('/k'))
  await write(world, client, count, sizeBytes)
  // What was begun meanwhile, such as a snapshot, is done.
  await world.pass(1_000)
  return { world, server, client }
}

/** One after the other. */
async function write(world: KnobWorld, client: ZooKeeperClient, count: number, sizeBytes = 10): Promise<void> {
  for (let index = 0; index < count; index++) await world.wait(client.setData('/k', Buffer.alloc(sizeBytes)))
}

/** At once. */
async function writeMany(world: KnobWorld, client: ZooKeeperClient, count: number): Promise<void> {
  if ((await world.wait(client.exists('/k'))) === null) await world.wait(client.create('/k'))
  await world.wait(Promise.all(Array.from({ length: count }, (_, index) => client.setData('/k', `${index}`))))
}

/** Syncs of a server with ten clients that write twenty times each, one after the other. */
async function syncsOf(lines: Lines): Promise<number> {
  const { world, server } = await written(lines, 1)
  server.disk.conditions.syncMs = [0.125, 0.125]
  const clients = await Promise.all(
    Array.from({ length: 10 }, (_, index) => world.connected('r1:2181', {}, `c${index}`)),
  )
  const before = server.disk.syncCount
  const writeAll = async (client: ZooKeeperClient): Promise<void> => {
    for (let index = 0; index < 20; index++) await client.setData('/k', '')
  }
  await world.wait(Promise.all(clients.map(writeAll)))
  return server.disk.syncCount - before
}

/** Whether a follower that missed 1500 writes is sent a snapshot rather than the log. */
async function caughtUpBySnapshot(lines: Lines): Promise<boolean> {
  const world = new KnobWorld()
  const servers = await world.ensemble(3, lines)
  const leader = servers.find(({ isLeader }) => isLeader) ?? raise()
  const away = servers.find(({ isLeader }) => !isLeader) ?? raise()
  away.process.crash('kill')
  await writeMany(world, await world.connected(`${leader.name}:2181`), 1_500)
  away.process.restart()
  await world.until(() => away.isServing, 'the follower is back')
  return leader.notes.some((note) => note.startsWith('sends server'))
}

function raise(): never {
  throw new Error('there should be one')
}
