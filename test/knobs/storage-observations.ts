import { expect } from 'vitest'
import type { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import { KnobWorld } from './knob-world.ts'
import type { KnobServer, Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

export const storageObservations: Observations = {
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
): Promise<{ readonly world: KnobWorld; readonly server: KnobServer; readonly client: ZooKeeperClient }> {
  const world = new KnobWorld()
  const server = await world.standalone(lines)
  const client = await world.connected()
  await world.wait(client.create('/k'))
  await write(world, client, count)
  // What was begun meanwhile, such as a snapshot, is done.
  await world.pass(1_000)
  return { world, server, client }
}

async function write(world: KnobWorld, client: ZooKeeperClient, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await world.wait(client.setData('/k', `value ${index}`))
}
