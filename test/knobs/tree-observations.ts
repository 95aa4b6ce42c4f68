import { expect } from 'vitest'
import { ByteWriter } from '../../src/kernel/bytes.ts'
import { writeConnectRequest } from '../../src/protocol/connect.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { writeReconfigRequest } from '../../src/protocol/reconfig.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { framed, request } from '../server/fake-world.ts'
import { KnobWorld, memberLines } from './knob-world.ts'
import type { Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

export const treeObservations: Observations = {
  'digest.enabled': async () => {
    /** Of a follower in whose memory something has changed by itself. */
    const errorWith = async (lines: Lines): Promise<string> => {
      const world = new KnobWorld()
      const servers = await world.ensemble(3, { ...memberLines(3), ...lines })
      const [leader, follower] = [...servers].sort((one, other) => Number(other.isLeader) - Number(one.isLeader))
      if (leader === undefined || follower === undefined) throw new Error('three servers run')
      const client = await world.connected(`${leader.name}:2181`)
      await world.wait(client.create('/a'))
      const node = follower.running.server.tree.getNode('/a')
      if (node !== null) node.version++
      for (let count = 0; count < 11; count++) {
        await world.wait(Promise.all(Array.from({ length: 100 }, () => client.setData('/a', 'x'))))
      }
      await world.pass(1_000)
      return follower.fatal?.message ?? ''
    }
    expect(await errorWith({})).toContain('no client reads a state that differs')
    expect(await errorWith({ 'digest.enabled': 'false' })).toBe('')
  },

  enforceQuota: async () => {
    const fillWith = async (lines: Lines): Promise<void> => {
      const world = new KnobWorld()
      await world.standalone(lines)
      const client = await world.connected()
      await world.wait(client.create('/q'))
      await world.wait(client.create('/zookeeper/quota/q'))
      await world.wait(client.create('/zookeeper/quota/q/zookeeper_limits', 'count=-1,bytes=-1=;byteHardLimit=5'))
      await world.wait(client.create('/zookeeper/quota/q/zookeeper_stats', 'count=0,bytes=0'))
      await world.wait(client.setData('/q', 'more than five'))
    }
    await fillWith({})
    await expect(fillWith({ enforceQuota: 'true' })).rejects.toThrow('QUOTA')
  },

  extendedTypesEnabled: async () => {
    const createWith = async (lines: Lines): Promise<string> => {
      const world = new KnobWorld()
      await world.standalone(lines)
      const client = await world.connected()
      return world.wait(client.create('/t', '', { mode: 'persistentWithTtl', ttlMs: 1_000 }))
    }
    await expect(createWith({})).rejects.toThrow('UNIMPLEMENTED')
    expect(await createWith({ extendedTypesEnabled: 'true' })).toBe('/t')
  },

  reconfigEnabled: async () => {
    const reconfigWith = async (lines: Lines): Promise<number> => {
      const world = new KnobWorld()
      await world.ensemble(3, (id) => ({ ...memberLines(3), ...(id === 1 ? lines : {}) }))
      const socket = await world.socket()
      socket.send(Buffer.concat([connectRequest(), reconfigRequest()]))
      const connectedSize = CONNECTED_FRAME_SIZE + REPLY_FRAME_SIZE
      await world.until(() => socket.received.length >= connectedSize, 'the reconfig is answered')
      return socket.received.readInt32BE(connectedSize - 4)
    }
    expect(await reconfigWith({})).toBe(WireError.reconfigDisabled)
    expect(await reconfigWith({ reconfigEnabled: 'true' })).toBe(WireError.noAuth) // for who is not super
  },

  'znode.container.checkIntervalMs': async () => {
    expect(await reapedMs({ 'znode.container.checkIntervalMs': '2000' })).toBeLessThan(5_000)
    expect(await reapedMs({ 'znode.container.checkIntervalMs': '30000' })).toBeGreaterThan(20_000)
  },

  'znode.container.maxPerMinute': async () => {
    const lines = { 'znode.container.checkIntervalMs': '1000' }
    expect(await reapedMs({ ...lines, 'znode.container.maxPerMinute': '10000' }, 5)).toBeLessThan(3_000)
    expect(await reapedMs({ ...lines, 'znode.container.maxPerMinute': '6' }, 5)).toBeGreaterThan(30_000)
  },

  'znode.container.maxNeverUsedIntervalMs': async () => {
    const isLeftWith = async (maxMs: string | null, afterMs = 20_000): Promise<boolean> => {
      const world = new KnobWorld()
      await world.standalone({
        'znode.container.checkIntervalMs': '1000',
        'znode.container.maxNeverUsedIntervalMs': maxMs,
      })
      const client = await world.connected()
      await world.wait(client.create('/box', '', { mode: 'container' }))
      await world.pass(afterMs)
      return (await world.wait(client.exists('/box'))) !== null
    }
    expect(await isLeftWith('5000')).toBe(false)
    expect(await isLeftWith('0')).toBe(true)
    expect(await isLeftWith(null, 400_000)).toBe(true)
  },
}

/** With their lengths; the reply has a header alone. */
const CONNECTED_FRAME_SIZE = 41
const REPLY_FRAME_SIZE = 20

function connectRequest(): Buffer {
  const out = new ByteWriter()
  const session = { sessionHigh: 0, sessionLow: 0, password: Buffer.alloc(16) }
  writeConnectRequest(out, { protocolVersion: 0, lastZxidSeen: 0, timeoutMs: 10_000, ...session, readOnly: false })
  return framed(out.take())
}

function reconfigRequest(): Buffer {
  const change = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1 }
  return request(1, OpCode.reconfig, (out) => writeReconfigRequest(out, change))
}

/** How long it takes until so many containers are gone that have lost their last child. */
async function reapedMs(lines: Lines, count = 1): Promise<number> {
  const world = new KnobWorld()
  await world.standalone(lines)
  const client = await world.connected()
  const boxes = Array.from({ length: count }, (_, index) => `/box${index}`)
  for (const box of boxes) {
    await world.wait(client.create(box, '', { mode: 'container' }))
    await world.wait(client.create(`${box}/thing`))
    await world.wait(client.delete(`${box}/thing`))
  }
  const startMs = world.scheduler.nowMs
  for (;;) {
    const left = await Promise.all(boxes.map((box) => world.wait(client.exists(box))))
    if (left.every((stat) => stat === null)) return world.scheduler.nowMs - startMs
    await world.pass(100)
  }
}
