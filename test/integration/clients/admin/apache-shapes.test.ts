import { beforeAll, expect, test } from 'vitest'
import type { RunningServer } from '../../../../src/ensemble/ensemble.ts'
import { askServer } from '../../../../src/ensemble/four-letter-word.ts'
import { connect, type ZooKeeperClient } from '../../../../src/index.ts'
import { startEnsemble } from '../../../../src/ensemble/start-ensemble.ts'
import { requirePackages } from '../../servers-under-test.ts'
import { differences, shapeOf } from './json-shape.ts'
import { monitorKeys, ONLY_APACHE, ONLY_OURS } from './monitor-keys.ts'

const ROLES = ['leader', 'follower', 'observer'] as const
type Role = (typeof ROLES)[number]

/** What a server tells its administrators. */
interface Told {
  /** The JSON of each command, by its name. */
  readonly commands: ReadonlyMap<string, string>
  readonly list: string
  readonly mntr: string
}

/** Where the answers differ in more than values, and why. */
const EXCEPTIONS: readonly (readonly [reason: string, differences: RegExp])[] = [
  ['mntr is compared by itself', /^monitor\./],
  ['where Java has properties, Node has an environment', /^system_properties\./],
  [
    'our server asks its peers by one link, whose queue is one of bytes',
    /^observers\.observers\[\]\.queued_packets: only there$/,
  ],
  ['requests are not kept apart by who forwarded them', /^observers\.observers\[\]\.(requests|last_zxid): only there$/],
]

async function toldBy(engine: 'apache' | 'builtin'): Promise<ReadonlyMap<string, Told>> {
  await using ensemble = await startEnsemble({
    engine,
    replicas: 2,
    observers: 1,
    settings: { tickTime: '1000' },
    heapBytes: engine === 'apache' ? 256 * 2 ** 20 : null,
    readyTimeoutMs: 60_000,
  })
  const told = new Map<string, Told>()
  const clients: ZooKeeperClient[] = []
  const servers = await ensemble.servers()
  for (const { clientPort: port } of servers) {
    const client = await connect(`127.0.0.1:${port}`)
    clients.push(client)
    await client.create(`/mine${port}`, 'x', { mode: 'ephemeral' })
    await client.getData(`/mine${port}`, { watch: () => undefined })
  }
  for (const server of servers) told.set(server.role, await tellOf(server))
  for (const client of clients) await client.close()
  return told
}

async function tellOf({ clientPort, adminPort }: RunningServer): Promise<Told> {
  const base = `http://127.0.0.1:${adminPort}/commands`
  const list = await (await fetch(base)).text()
  const commands = new Map<string, string>()
  for (const [, name = ''] of list.matchAll(/<a href="\/commands\/([a-z_]+)">/g)) {
    commands.set(name, await (await fetch(`${base}/${name}`)).text())
  }
  return { commands, list, mntr: await askServer({ host: '127.0.0.1', port: clientPort }, 'mntr', 5_000) }
}

let apache: ReadonlyMap<string, Told>
let zktune: ReadonlyMap<string, Told>

beforeAll(async () => {
  requirePackages()
  apache = await toldBy('apache')
  zktune = await toldBy('builtin')
}, 240_000)

function both(role: Role): readonly [there: Told, here: Told] {
  const [there, here] = [apache.get(role), zktune.get(role)]
  if (there === undefined || here === undefined) throw new Error(`nobody is the ${role}`)
  return [there, here]
}

const isKnown = (list: typeof EXCEPTIONS, text: string): boolean => list.some(([, pattern]) => pattern.test(text))

test.each(ROLES)('a %s lists the commands that Apache ZooKeeper 3.8.0 lists', (role) => {
  const [there, here] = both(role)
  expect(here.list).toBe(there.list)
})

test.each(ROLES)('every command of a %s has the keys and the types that it has there', (role) => {
  const [there, here] = both(role)
  const found = [...there.commands].flatMap(([name, json]) => {
    return differences(shapeOf(json), shapeOf(here.commands.get(name) ?? ''), name)
  })
  expect(found.filter((text) => !isKnown(EXCEPTIONS, text))).toEqual([])
})

test.each(ROLES)('mntr of a %s has the keys and the types that it has there', (role) => {
  const [there, here] = both(role)
  const [expected, found] = [monitorKeys(there.mntr), monitorKeys(here.mntr)]
  const missing = [...expected.keys()].filter((key) => !found.has(key))
  expect(missing.filter((key) => !isKnown(ONLY_APACHE, key))).toEqual([])
  expect([...found.keys()].filter((key) => !expected.has(key) && !isKnown(ONLY_OURS, key))).toEqual([])
  const common = [...found].filter(([key]) => expected.has(key))
  expect(common).toEqual(common.map(([key]) => [key, expected.get(key)]))
})

test.each(ROLES)('/commands/monitor of a %s has what mntr has', (role) => {
  const [, here] = both(role)
  const names = Object.keys(JSON.parse(here.commands.get('monitor') ?? '') as object)
  const lines = here.mntr
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0]?.replace(/^zk_/, ''))
  expect(names).toEqual([...lines, 'command', 'error'])
})

test('every exception is one: what has been mended is not in the lists any more', () => {
  const shapes = ROLES.flatMap((role) => {
    const [there, here] = both(role)
    return [...there.commands].flatMap(([name, json]) => {
      return differences(shapeOf(json), shapeOf(here.commands.get(name) ?? ''), name)
    })
  })
  const keys = (told: ReadonlyMap<string, Told>): Set<string> => {
    return new Set(ROLES.flatMap((role) => [...monitorKeys(told.get(role)?.mntr ?? '').keys()]))
  }
  const [there, here] = [keys(apache), keys(zktune)]
  const idle = [
    ...EXCEPTIONS.filter(([, pattern]) => !shapes.some((text) => pattern.test(text))),
    ...ONLY_APACHE.filter(([, pattern]) => ![...there].some((key) => pattern.test(key) && !here.has(key))),
    ...ONLY_OURS.filter(([, pattern]) => ![...here].some((key) => pattern.test(key) && !there.has(key))),
  ]
  expect(idle.map(([reason]) => reason)).toEqual([])
})
