import { expect } from 'vitest'
import { KnobWorld } from './knob-world.ts'
import type { KnobServer, Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

const MINUTE_MS = 60_000
/** All is counted, and told every minute. */
const PATH_STATS = {
  'pathStats.enabled': 'true',
  'pathStats.sampleRate': '1.0',
  'pathStats.initialDelay': '1',
  'pathStats.delay': '1',
}

export const telemetryObservations: Observations = {
  'audit.enable': async () => {
    const linesWith = async (value: string): Promise<readonly string[]> => {
      const world = new KnobWorld()
      const server = await world.standalone({ 'audit.enable': value })
      const client = await world.connected()
      await world.wait(client.create('/a', 'x', { mode: 'ephemeral' }))
      await expect(world.wait(client.setData('/none', ''))).rejects.toThrow()
      await world.wait(client.close())
      return server.notes.filter((note) => note.startsWith('audit: ')).map((note) => note.replace(/0x[0-9a-f]+/, 'ID'))
    }
    expect(await linesWith('false')).toEqual([])
    expect(await linesWith('true')).toEqual([
      'audit: user=unknown\toperation=serverStart\tresult=success',
      'audit: session=ID\tuser=c1\tip=c1\toperation=create\tznode=/a\tznode_type=ephemeral\tresult=success',
      'audit: session=ID\tuser=c1\tip=c1\toperation=setData\tznode=/none\tresult=failure',
      'audit: session=ID\tuser=unknown\toperation=ephemeralZNodeDeletionOnSessionCloseOrExpire\tznode=/a\tresult=success',
    ])
  },

  'leader.ackLoggingFrequency': async () => {
    const measuredWith = async (every: string): Promise<number> => {
      const world = new KnobWorld()
      const servers = await world.ensemble(3, { 'leader.ackLoggingFrequency': every })
      const leader = servers.find(({ isLeader }) => isLeader) ?? raise()
      const client = await world.connected(`${leader.name}:2181`)
      for (let index = 0; index < 20; index++) await world.wait(client.create(`/${index}`))
      const [follower] = servers.filter(({ isLeader }) => !isLeader)
      return Number(await world.figure(`cnt_${follower?.name.slice(1)}_ack_latency`, leader.name))
    }
    expect(await measuredWith('1')).toBeGreaterThanOrEqual(20)
    const [few, none] = [await measuredWith('10'), await measuredWith('0')]
    expect(few).toBeGreaterThanOrEqual(1)
    expect(few).toBeLessThanOrEqual(3)
    expect(none).toBe(0)
  },

  'pathStats.enabled': async () => {
    expect(await told({ 'pathStats.enabled': 'false' })).toEqual([])
    expect(await told({})).toEqual(['paths asked for most: read /a 3, /a/b 1; written /a 1, /a/b 1'])
  },

  'pathStats.sampleRate': async () => {
    expect(await told({ 'pathStats.sampleRate': '0' })).toEqual(['paths asked for most: read none; written none'])
  },

  'pathStats.maxDepth': async () => {
    expect(await told({ 'pathStats.maxDepth': '1' })).toEqual(['paths asked for most: read /a 4; written /a 2'])
  },

  'pathStats.topPathMax': async () => {
    expect(await told({ 'pathStats.topPathMax': '1' })).toEqual(['paths asked for most: read /a 3; written /a 1'])
  },

  'pathStats.initialDelay': async () => {
    expect(await told({ 'pathStats.initialDelay': '2' })).toEqual([])
  },

  'pathStats.delay': async () => {
    expect(await told({}, 4.1)).toHaveLength(4)
    expect(await told({ 'pathStats.delay': '3' }, 4.1)).toHaveLength(2)
  },

  // After a minute only what fits into slots times duration is still known.
  'pathStats.slotCapacity': async () => {
    expect(await told({ 'pathStats.slotCapacity': '3' })).toEqual(['paths asked for most: read none; written none'])
  },

  'pathStats.slotDuration': async () => {
    expect(await told({ 'pathStats.slotCapacity': '3', 'pathStats.slotDuration': '40' })).toEqual([
      'paths asked for most: read /a 3, /a/b 1; written /a 1, /a/b 1',
    ])
  },
}

/** What is told of paths within so many minutes, after a few requests at the start. */
async function told(lines: Lines, minutes = 1.1): Promise<readonly string[]> {
  const world = new KnobWorld()
  const server: KnobServer = await world.standalone({ ...PATH_STATS, ...lines })
  const client = await world.connected()
  await world.wait(client.create('/a'))
  await world.wait(client.create('/a/b'))
  for (let index = 0; index < 3; index++) await world.wait(client.getData('/a'))
  await world.wait(client.exists('/a/b'))
  await world.pass(minutes * MINUTE_MS)
  return server.notes.filter((note) => note.startsWith('paths asked'))
}

function raise(): never {
  throw new Error('one leads')
}
