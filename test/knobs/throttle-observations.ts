import { expect } from 'vitest'
import { ByteWriter } from '../../src/kernel/bytes.ts'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import { writeConnectRequest } from '../../src/protocol/connect.ts'
import { writeCreateRequest } from '../../src/protocol/create.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { framed, request } from '../server/fake-world.ts'
import { KnobWorld } from './knob-world.ts'
import type { KnobServer, KnobSocket, Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

const NEVER = '100000000'
const SLOW_MS = 10_000
const LASTING_MS = 100_000

/** A server that answers no write within ten seconds, and who stands before it. */
interface Jam {
  readonly world: KnobWorld
  readonly server: KnobServer
  /** Its request waits behind another client's write, which is under way. */
  readonly waiting: KnobSocket
}

export const throttleObservations: Observations = {
  connection_throttle_tokens: async () => {
    expect(await handshakes({}, 5)).toBe(5)
    expect(await handshakes(bucket({ tokens: '3' }), 5)).toBe(3)
  },

  connection_throttle_fill_time: async () => {
    expect(await handshakes(bucket({ fill_time: '100' }), 5, { gapMs: 300 })).toBe(5)
    expect(await handshakes(bucket({}), 5, { gapMs: 300 })).toBe(1)
  },

  connection_throttle_fill_count: async () => {
    const refilledBy = async (count: string): Promise<number> => {
      const world = await worldOf(bucket({ tokens: '4', fill_time: '10000', fill_count: count }))
      await answered(world, 4)
      await world.pass(10_000)
      return answered(world, 4)
    }
    expect(await refilledBy('1')).toBe(1)
    expect(await refilledBy('3')).toBe(3)
  },

  connection_throttle_freeze_time: async () => {
    expect(await dropProbability({ freeze_time: '-1' }, [0, 200])).toBe('0.0')
    expect(await dropProbability({ freeze_time: '50' }, [0, 200])).toBe('0.02')
  },

  connection_throttle_drop_increase: async () => {
    expect(await dropProbability({ freeze_time: '50', drop_increase: '0.25' }, [0, 200])).toBe('0.25')
    expect(await dropProbability({ freeze_time: '50', drop_increase: '0.5' }, [0, 200])).toBe('0.5')
  },

  connection_throttle_drop_decrease: async () => {
    const lines = { freeze_time: '50', drop_increase: '0.5', fill_time: '2000' }
    expect(await dropProbability({ ...lines, drop_decrease: '0.25' }, [0, 200, 2_500])).toBe('0.25')
    expect(await dropProbability({ ...lines, drop_decrease: '0.125' }, [0, 200, 2_500])).toBe('0.375')
  },

  connection_throttle_decrease_ratio: async () => {
    const lines = { tokens: '2', freeze_time: '50', drop_increase: '0.5', drop_decrease: '0.25', fill_time: '2000' }
    expect(await dropProbability({ ...lines, decrease_ratio: '0' }, [0, 0, 200, 2_500])).toBe('0.5')
    expect(await dropProbability({ ...lines, decrease_ratio: '0.5' }, [0, 0, 200, 2_500])).toBe('0.25')
  },

  connection_throttle_weight_enabled: async () => {
    expect(await handshakes(bucket({ tokens: '2' }), 9, { isRenewal: true })).toBe(2)
    expect(await handshakes(bucket({ tokens: '2', weight_enabled: 'true' }), 9, { isRenewal: true })).toBe(3)
  },

  connection_throttle_renew_session_weight: async () => {
    const lines = { tokens: '2', weight_enabled: 'true', renew_session_weight: '6' }
    expect(await handshakes(bucket(lines), 9, { isRenewal: true })).toBe(1)
  },

  connection_throttle_global_session_weight: async () => {
    const lines = { tokens: '2', weight_enabled: 'true', global_session_weight: '5' }
    expect(await handshakes(bucket(lines), 9, { isRenewal: true })).toBe(5)
  },

  connection_throttle_local_session_weight: async () => {
    const sessionsAt = async (weight: string): Promise<number> => {
      const world = new KnobWorld()
      const lines = bucket({ tokens: '2', weight_enabled: 'true', local_session_weight: weight })
      await world.ensemble(3, { ...lines, localSessionsEnabled: 'true' })
      return answered(world, 9)
    }
    expect(await sessionsAt('1')).toBe(6)
    expect(await sessionsAt('2')).toBe(3)
  },

  request_throttle_max_requests: async () => {
    const waitsWith = async (lines: Lines): Promise<number> => {
      const { world } = await jam(lines)
      return Number(await world.figure('request_throttle_wait_count'))
    }
    expect(await waitsWith({ request_throttle_max_requests: '0' })).toBe(0)
    expect(await waitsWith({ request_throttle_max_requests: '1' })).toBeGreaterThan(0)
  },

  throttled_op_wait_time: async () => {
    const opsWith = async (lines: Lines): Promise<number> => {
      const { world } = await jam(lines)
      await world.pass(2 * SLOW_MS)
      return Number(await world.figure('throttled_ops'))
    }
    expect(await opsWith({})).toBe(0)
    expect(await opsWith({ throttled_op_wait_time: '5000' })).toBe(1)
  },

  request_stale_latency_check: async () => {
    expect((await jam({}, 2_000)).waiting.isClosed).toBe(false)
    expect((await jam({ request_stale_latency_check: 'true' }, 2_000)).waiting.isClosed).toBe(true)
  },

  request_throttle_drop_stale: async () => {
    const lines = { request_stale_latency_check: 'true', request_throttle_drop_stale: 'false' }
    expect((await jam(lines, 2_000)).waiting.isClosed).toBe(false)
  },

  request_throttle_stall_time: async () => {
    const lines = { request_stale_latency_check: 'true' }
    expect((await jam({ ...lines, request_throttle_stall_time: '7000' }, 2_000)).waiting.isClosed).toBe(false)
    expect((await jam({ ...lines, request_throttle_stall_time: '200' }, 2_000)).waiting.isClosed).toBe(true)
  },

  request_stale_connection_check: async () => {
    const isExecutedWith = async (lines: Lines): Promise<boolean> => {
      const { world, server, waiting } = await jam(lines)
      waiting.connection.destroy()
      await world.pass(100)
      server.disk.conditions.syncMs = [1, 1]
      await world.pass(2 * SLOW_MS)
      const client = await world.connected()
      return (await world.wait(client.exists('/late'))) !== null
    }
    expect(await isExecutedWith({})).toBe(false)
    expect(await isExecutedWith({ request_stale_connection_check: 'false' })).toBe(true)
  },

  largeRequestThreshold: async () => {
    await createLarge({ largeRequestMaxBytes: '800' })
    const lines = { largeRequestThreshold: '500', largeRequestMaxBytes: '800' }
    await expect(createLarge(lines)).rejects.toThrow('CONNECTIONLOSS')
  },

  largeRequestMaxBytes: async () => {
    await createLarge({ largeRequestThreshold: '500' })
    const lines = { largeRequestThreshold: '500', largeRequestMaxBytes: '900' }
    await expect(createLarge(lines)).rejects.toThrow('CONNECTIONLOSS')
  },
}

/** A bucket of one token that hardly ever fills, but for these settings. */
function bucket(lines: Lines): Lines {
  const all = { tokens: '1', fill_time: NEVER, ...lines }
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [`connection_throttle_${name}`, value]))
}

async function worldOf(lines: Lines): Promise<KnobWorld> {
  const world = new KnobWorld()
  await world.standalone(lines)
  return world
}

/** How many of so many handshakes are answered. */
async function handshakes(lines: Lines, count: number, how: Parameters<typeof answered>[2] = {}): Promise<number> {
  return answered(await worldOf(lines), count, how)
}

/** @param isRenewal asks for a session that is not there, which is refused by an answer, not by closing at once */
async function answered(
  world: KnobWorld,
  count: number,
  { gapMs = 0, isRenewal = false }: { readonly gapMs?: number; readonly isRenewal?: boolean } = {},
): Promise<number> {
  let answers = 0
  for (let index = 0; index < count; index++) {
    const socket = await shakeHands(world, { isRenewal })
    if (socket.received.length > 0) answers++
    if (gapMs > 0) await world.pass(gapMs)
  }
  return answers
}

async function shakeHands(
  world: KnobWorld,
  { isRenewal = false, timeoutMs = 10_000 }: { readonly isRenewal?: boolean; readonly timeoutMs?: number },
): Promise<KnobSocket> {
  const socket = await world.socket()
  const out = new ByteWriter()
  const id = isRenewal ? { sessionHigh: 1, sessionLow: 1 } : { sessionHigh: 0, sessionLow: 0 }
  const password = Buffer.alloc(16)
  writeConnectRequest(out, { protocolVersion: 0, lastZxidSeen: 0, timeoutMs, ...id, password, readOnly: false })
  socket.send(framed(out.take()))
  await world.until(() => socket.isClosed || socket.received.length > 0, 'the handshake is answered')
  return socket
}

/** The figure after handshakes at these times since the first, in milliseconds. */
async function dropProbability(lines: Lines, atMs: readonly number[]): Promise<string | null> {
  const world = await worldOf(bucket(lines))
  const startMs = world.scheduler.nowMs
  for (const offsetMs of atMs) {
    await world.pass(Math.max(0, startMs + offsetMs - world.scheduler.nowMs))
    await shakeHands(world, {})
  }
  return world.figure('connection_drop_probability')
}

/**
 * One write is under way, and one of another client waits. Looked at after 5 s when that client's session lasts 2 s, and
 * soon when it lasts.
 */
async function jam(lines: Lines, timeoutMs = LASTING_MS): Promise<Jam> {
  const world = new KnobWorld()
  const server = await world.standalone({
    tickTime: '1000',
    syncLimit: '60',
    maxSessionTimeout: String(LASTING_MS),
    request_throttle_max_requests: '1',
    ...lines,
  })
  const busy = await shakeHands(world, { timeoutMs: LASTING_MS })
  const waiting = await shakeHands(world, { timeoutMs })
  server.disk.conditions.syncMs = [SLOW_MS, SLOW_MS]
  busy.send(createRequest('/busy'))
  await world.pass(50)
  waiting.send(createRequest('/late'))
  await world.pass(timeoutMs === LASTING_MS ? 100 : 5_000)
  return { world, server, waiting }
}

function createRequest(path: string): Buffer {
  return request(1, OpCode.create, (out) =>
    writeCreateRequest(out, { path, data: Buffer.alloc(0), acl: OPEN_ACL, flags: 0 }),
  )
}

async function createLarge(lines: Lines): Promise<void> {
  const world = await worldOf(lines)
  const client = await world.connected()
  await world.wait(client.create('/large', Buffer.alloc(1_000)))
}
