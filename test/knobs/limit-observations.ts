import { expect } from 'vitest'
import { askedOf } from './asked.ts'
import { KnobWorld } from './knob-world.ts'
import type { Lines } from './knob-world.ts'
import { acceptedWhileBusy } from './busy-server.ts'
import type { Observations } from './observation.ts'

export const limitObservations: Observations = {
  clientPort: async () => {
    const world = new KnobWorld()
    await world.standalone({ clientPort: '2200' })
    expect((await world.socket({ port: 2200 })).isClosed).toBe(false)
    await expect(world.socket({ port: 2181 })).rejects.toThrow('connection refused')
  },

  clientTcpKeepAlive: async () => {
    const asksWith = async (lines: Lines): Promise<boolean | undefined> => {
      const world = new KnobWorld()
      const { listens } = askedOf(world)
      await world.standalone(lines)
      return listens.find(({ port }) => port === 2181)?.keepsAlive
    }
    expect(await asksWith({})).toBe(false)
    expect(await asksWith({ clientTcpKeepAlive: 'true' })).toBe(true)
  },

  clientPortAddress: async () => {
    const world = new KnobWorld()
    await world.standalone({ clientPortAddress: '127.0.0.1' })
    await expect(world.socket({ from: 'c1' })).rejects.toThrow('connection refused')
    const everywhere = new KnobWorld()
    await everywhere.standalone()
    expect((await everywhere.socket({ from: 'c1' })).isClosed).toBe(false)
  },

  clientPortListenBacklog: async () => {
    const wanted = 12
    expect(await acceptedWhileBusy({ clientPortListenBacklog: '2' }, wanted)).toBeLessThan(wanted)
    expect(await acceptedWhileBusy({}, wanted)).toBe(wanted)
  },

  maxClientCnxns: async () => {
    const world = new KnobWorld()
    await world.standalone({ maxClientCnxns: '2' })
    const sockets = [await world.socket(), await world.socket(), await world.socket()]
    const elsewhere = await world.socket({ from: 'c2' })
    await world.pass(100)
    expect(sockets.map(({ isClosed }) => isClosed)).toEqual([false, false, true])
    expect(elsewhere.isClosed).toBe(false)
  },

  maxCnxns: async () => {
    const openWith = async (lines: Lines): Promise<readonly boolean[]> => {
      const world = new KnobWorld()
      await world.standalone(lines)
      const sockets = [await world.socket(), await world.socket({ from: 'c2' }), await world.socket({ from: 'c3' })]
      await world.pass(100)
      return sockets.map(({ isClosed }) => !isClosed)
    }
    expect(await openWith({})).toEqual([true, true, true])
    expect(await openWith({ maxCnxns: '2' })).toEqual([true, true, false])
  },

  'nio.sessionlessCnxnTimeout': async () => {
    const isOpenAfter = async (lines: Lines): Promise<boolean> => {
      const world = new KnobWorld()
      await world.standalone(lines)
      const socket = await world.socket()
      await world.pass(8_000)
      return !socket.isClosed
    }
    expect(await isOpenAfter({})).toBe(true)
    expect(await isOpenAfter({ 'nio.sessionlessCnxnTimeout': '5000' })).toBe(false)
  },

  globalOutstandingLimit: async () => {
    const underWayWith = async (limit: string): Promise<number> => {
      const world = new KnobWorld()
      const server = await world.standalone({ globalOutstandingLimit: limit })
      const clients = [await world.connected(), await world.connected(), await world.connected()]
      await world.wait(Promise.resolve(clients[0]?.create('/k')))
      server.disk.conditions.syncMs = [500, 500]
      const replies = clients.flatMap((client) => Array.from({ length: 20 }, () => client.setData('/k', '')))
      await world.pass(100)
      const outstanding = Number(await world.figure('outstanding_requests'))
      await world.wait(Promise.all(replies))
      return outstanding
    }
    expect(await underWayWith('1000')).toBeGreaterThan(50)
    expect(await underWayWith('5')).toBeLessThan(30)
  },

  'jute.maxbuffer': async () => {
    const world = new KnobWorld()
    await world.standalone({ 'jute.maxbuffer': '2000' })
    const client = await world.connected()
    await world.wait(client.create('/small', Buffer.alloc(1_000)))
    await expect(world.wait(client.create('/large', Buffer.alloc(3_000)))).rejects.toThrow('CONNECTIONLOSS')
  },
}
