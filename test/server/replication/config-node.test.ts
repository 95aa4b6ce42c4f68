import { expect, test } from 'vitest'
import { KnobWorld, memberLines } from '../../knobs/knob-world.ts'

const CONFIG = '/zookeeper/config'
const LINES = [1, 2, 3].map((id) => `server.${id}=r${id}:2888:3888:participant`).join('\n')

test('all servers of an ensemble show the same config, whose version is the zxid of the first epoch', async () => {
  const world = new KnobWorld()
  await world.ensemble(3)
  for (const host of ['r1', 'r2', 'r3']) {
    const client = await world.connected(`${host}:2181`, {}, `c-${host}`)
    const { data, stat } = await world.wait(client.getData(CONFIG))
    expect(data?.toString()).toBe(`${LINES}\nversion=100000000`)
    expect(stat).toMatchObject({ czxid: 0, mzxid: 0x100000000, version: -1, aversion: -1 })
    expect(await world.figure('znode_count', host)).toBe('5')
  }
})

test('the config outlives its leader, and follows the zoo.cfg of the one that leads', async () => {
  const world = new KnobWorld()
  const servers = await world.ensemble(3)
  const withClients = Object.fromEntries([1, 2, 3].map((id) => [`server.${id}`, `r${id}:2888:3888;218${id}`]))
  const [first, ...others] = [...servers].sort((one, other) => Number(other.isLeader) - Number(one.isLeader))
  if (first === undefined) throw new Error('somebody leads')
  first.process.crash('kill')
  await world.until(() => others.some(({ isLeader, isServing }) => isLeader && isServing), 'another leads')
  const clientOf = (name: string) => world.connected(`${name}:2181`)
  const kept = await world.wait((await clientOf(others[0]?.name ?? '')).getData(CONFIG))
  expect(kept.data?.toString()).toBe(`${LINES}\nversion=100000000`)
  for (const server of servers) server.restart({ ...memberLines(3), ...withClients, clientPort: null })
  await world.until(() => servers.every(({ isServing }) => isServing), 'all serve again')
  const client = await world.connected('r1:2181')
  const { data } = await world.wait(client.getData(CONFIG))
  expect(data?.toString()).toMatch(
    /^(server\.(\d)=r\2:2888:3888:participant;0\.0\.0\.0:218\2\n){3}version=[0-9a-f]+00000000$/,
  )
})

test('the config of a standalone server is empty', async () => {
  const world = new KnobWorld()
  await world.standalone()
  const client = await world.connected()
  expect((await world.wait(client.getData(CONFIG))).data?.length).toBe(0)
})
