import { expect } from 'vitest'
import { KnobWorld, memberLines } from './knob-world.ts'
import type { KnobServer } from './knob-world.ts'
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
    for (const text of words) expect(text).toContain('server.3=r3:2888:participant')
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
    expect(await world.word('conf')).toContain('server.2=r2:2888:participant')
  },
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
