import { expect } from 'vitest'
import { askedOf } from './asked.ts'
import { KnobWorld, memberLines } from './knob-world.ts'
import type { KnobServer, Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

export const clusterObservations: Observations = {
  tickTime: async () => {
    const granted = async (tickTime: string): Promise<number> => {
      const world = new KnobWorld()
      await world.standalone({ tickTime })
      return (await world.connected('r1:2181', { sessionTimeoutMs: 1 })).sessionTimeoutMs
    }
    expect(await granted('700')).toBe(1_400)
    expect(await granted('3000')).toBe(6_000)
  },

  initLimit: async () => {
    // A server that was away needs a snapshot, and its disk is slow: a leader that loses patience begins again.
    const timesSent = async (initLimit: string): Promise<number> => {
      const world = new KnobWorld()
      const servers = await world.ensemble(3, { tickTime: '1000', syncLimit: '60', initLimit, snapCount: '10' })
      const { leader: first, follower: away, other } = rolesOf(servers)
      away.process.crash('kill')
      const client = await world.connected(`${first.name}:2181,${other.name}:2181`)
      for (let index = 0; index < 12; index++) await world.wait(client.create(`/${index}`, Buffer.alloc(10_000)))
      await world.pass(1_000)
      // Started from their snapshots, they have the log after those only.
      for (const server of [first, other]) server.restart()
      await world.until(() => [first, other].every(({ isServing }) => isServing), 'the two serve again')
      const leader = first.isLeader ? first : other
      away.disk.conditions.writeMs = [2_000, 2_000]
      away.process.restart()
      await world.pass(30_000)
      return leader.notes.filter((note) => note.includes(' a snapshot of slot ') && note.startsWith('sends ')).length
    }
    const patient = await timesSent('60')
    expect(await timesSent('2')).toBeGreaterThan(patient + 2)
  },

  syncLimit: async () => {
    const failoverMs = async (syncLimit: string): Promise<number> => {
      const world = new KnobWorld()
      const servers = await world.ensemble(3, { tickTime: '500', syncLimit })
      const { leader, follower, other } = rolesOf(servers)
      for (const { name } of [follower, other]) {
        world.network.setLink(leader.name, name, { isBlocked: true })
        world.network.setLink(name, leader.name, { isBlocked: true })
      }
      const startMs = world.scheduler.nowMs
      await world.until(() => [follower, other].some(({ isLeader, isServing }) => isLeader && isServing), 'one leads')
      return world.scheduler.nowMs - startMs
    }
    const quick = await failoverMs('2')
    expect(quick).toBeGreaterThan(500)
    expect(quick).toBeLessThan(5_000)
    expect(await failoverMs('20')).toBeGreaterThan(9_000)
  },

  'server.N': async () => {
    const world = new KnobWorld()
    const members = memberLines(3)
    await world.ensemble(3)
    const words = await Promise.all([1, 2, 3].map((id) => world.word('conf', `r${id}`)))
    for (const text of words) expect(text).toContain('server.3=r3:2888:3888:participant')
    const alone = new KnobWorld()
    await alone.standalone({ ...members, 'server.1': null, 'server.2': null, 'server.3': null })
    expect(await alone.word('srvr')).toContain('Mode: standalone')
  },

  standaloneEnabled: async () => {
    const modeWith = async (standaloneEnabled: string): Promise<string> => {
      const world = new KnobWorld()
      await world.standalone({ ...memberLines(1), standaloneEnabled })
      return /Mode: .*/.exec(await world.word('srvr'))?.[0] ?? ''
    }
    expect(await modeWith('true')).toBe('Mode: standalone')
    expect(await modeWith('false')).toBe('Mode: leader')
  },

  peerType: async () => {
    const world = new KnobWorld()
    const servers = await world.ensemble(3, { peerType: 'observer' })
    for (const server of servers) {
      expect(server.reading.remarks).toMatchObject([{ key: 'peerType', what: /says participant, which counts/ }])
      expect(await world.word('srvr', server.name)).toMatch(/Mode: (leader|follower)/)
    }
  },

  dynamicConfigFile: async () => {
    const world = new KnobWorld()
    const { initLimit = null, syncLimit = null, ...members } = memberLines(2)
    const dynamic = Object.entries(members).map(([key, value]) => `${key}=${value}\n`)
    const lines = { initLimit, syncLimit, dynamicConfigFile: 'zoo.cfg.dynamic' }
    const servers = [1, 2].map((id) => world.server(lines, id, dynamic.join('')))
    await world.until(() => servers.every(({ isServing }) => isServing), 'the two of the dynamic file serve')
    expect(await world.word('conf')).toContain('server.2=r2:2888:3888:participant')
  },

  'group.N': async () => {
    // Four of six that are no quorum: one whole group and one server of each other.
    const groups = { 'group.1': '1:2', 'group.2': '3:4', 'group.3': '5:6' }
    expect(await servesWithout([4, 6], {})).toBe(true)
    expect(await servesWithout([4, 6], groups)).toBe(false)
  },

  'weight.N': async () => {
    const group = { 'group.1': '1:2:3:4:5:6' }
    expect(await servesWithout([5, 6], group)).toBe(true)
    expect(await servesWithout([5, 6], { ...group, 'weight.5': '3', 'weight.6': '3' })).toBe(false)
  },

  'zktune.quorum': async () => {
    expect(await servesWithout([6], {})).toBe(true)
    expect(await servesWithout([6], { 'zktune.quorum': 'unanimous' })).toBe(false)
    expect(await servesWithout([5, 6], { 'zktune.quorum': '4:4' })).toBe(true)
    expect(await servesWithout([5, 6], { 'zktune.quorum': '2:5' })).toBe(false)
  },

  leaderServes: async () => {
    const world = new KnobWorld()
    const servers = await world.ensemble(3, { leaderServes: 'no' })
    const { leader, follower } = rolesOf(servers)
    expect(await world.word('srvr', leader.name)).toContain('Mode: leader')
    expect(await world.word('isro', leader.name)).toBe('null')
    const client = world.client(`${leader.name}:2181`)
    await world.pass(10_000)
    expect(client.state).toBe('connecting')
    await world.connected(`${follower.name}:2181`)
  },

  'readonlymode.enabled': async () => {
    const wordsWith = async (value: string): Promise<string[]> => {
      const world = new KnobWorld()
      const servers = await world.ensemble(3, { 'readonlymode.enabled': value })
      const { leader, follower, other } = rolesOf(servers)
      for (const { process } of [leader, other]) process.crash('kill')
      await world.pass(10_000)
      return [await world.word('isro', follower.name), await world.word('srvr', follower.name)]
    }
    expect(await wordsWith('false')).toEqual(['null', expect.stringContaining('not currently serving')])
    expect(await wordsWith('true')).toEqual(['ro', expect.stringContaining('Mode: read-only')])
  },

  cnxTimeout: async () => {
    const attemptMs = async (lines: Lines): Promise<readonly number[]> => {
      const world = new KnobWorld()
      const asked = askedOf(world)
      await world.ensemble(3, lines)
      return [...new Set(asked.connects.map(({ timeoutMs }) => timeoutMs))]
    }
    expect(await attemptMs({})).toEqual([5_000])
    expect(await attemptMs({ cnxTimeout: '700' })).toEqual([700])
  },

  leaderConnectDelayDuringRetryMs: async () => {
    const backMs = async (pause: string): Promise<number> => {
      const world = new KnobWorld()
      const [first, , third] = await world.ensemble(3, { leaderConnectDelayDuringRetryMs: pause })
      if (first === undefined || third === undefined) throw new Error('three servers are there')
      first.process.crash('kill')
      await world.pass(25_000)
      first.process.restart()
      const startMs = world.scheduler.nowMs
      await world.until(() => first.isServing, 'the first serves again')
      return world.scheduler.nowMs - startMs
    }
    expect((await backMs('20000')) - (await backMs('50'))).toBeGreaterThan(1_000)
  },

  'observer.reconnectDelayMs': async () => {
    const backMs = async (delayMs: string): Promise<number> => {
      const world = new KnobWorld()
      const observer = { 'server.4': 'r4:2888:3888:observer' }
      const lines = { ...memberLines(3), ...observer, 'observer.reconnectDelayMs': delayMs }
      const servers = [1, 2, 3, 4].map((id) => world.server(lines, id))
      await world.until(() => servers.every(({ isServing }) => isServing), 'all four serve')
      for (const id of [1, 2, 3]) world.network.reset('r4', `r${id}`)
      await world.until(() => servers[3]?.isServing === false, 'the observer notices')
      const startMs = world.scheduler.nowMs
      await world.until(() => servers[3]?.isServing === true, 'the observer is back')
      return world.scheduler.nowMs - startMs
    }
    expect(await backMs('0')).toBeLessThan(5_000)
    expect(await backMs('40000')).toBeGreaterThan(5_000)
  },

  quorumListenOnAllIPs: async () => {
    const peerHosts = async (value: string): Promise<readonly string[]> => {
      const world = new KnobWorld()
      const asked = askedOf(world)
      await world.ensemble(3, { quorumListenOnAllIPs: value })
      return [...new Set(asked.listens.filter(({ port }) => port === 2888).map(({ host }) => host))]
    }
    expect(await peerHosts('false')).toEqual(['r1', 'r2', 'r3'])
    expect(await peerHosts('true')).toEqual(['0.0.0.0'])
  },

  electionPortBindRetry: async () => {
    const endsAfterMs = async (retries: string): Promise<number> => {
      const world = new KnobWorld()
      // Somebody has the peer port already.
      const { network } = world.host('r1')
      network.listen(
        { host: 'r1', port: 2888, backlog: null },
        () => undefined,
        () => undefined,
      )
      const server = world.server({ ...memberLines(3), electionPortBindRetry: retries })
      const startMs = world.scheduler.nowMs
      await world.until(() => server.fatal !== null, 'the server gives up')
      return world.scheduler.nowMs - startMs
    }
    expect(await endsAfterMs('1')).toBeLessThan(500)
    expect(await endsAfterMs('5')).toBeGreaterThan(3_000)
  },
}

/** Whether the first of six servers serves although some are missing. */
async function servesWithout(missing: readonly number[], lines: Lines): Promise<boolean> {
  const world = new KnobWorld()
  const ids = [1, 2, 3, 4, 5, 6].filter((id) => !missing.includes(id))
  const servers = ids.map((id) => world.server({ ...memberLines(6), ...lines }, id))
  await world.pass(20_000)
  return servers.every(({ isServing }) => isServing)
}

interface Roles {
  readonly leader: KnobServer
  readonly follower: KnobServer
  readonly other: KnobServer
}

/** Of three servers. */
function rolesOf(servers: readonly KnobServer[]): Roles {
  const leader = servers.find(({ isLeader }) => isLeader)
  const [follower, other] = servers.filter(({ isLeader }) => !isLeader)
  if (leader === undefined || follower === undefined || other === undefined) throw new Error('one of three leads')
  return { leader, follower, other }
}
