/**
 * Walks node-zookeeper-client through its API, against three servers. Prints one line for each fact it finds; where it
 * prints "kill PORT" or "restart PORT" it waits for a line on standard input.
 */
import { createInterface } from 'node:readline'
import zookeeper from 'node-zookeeper-client'
import type { Client, Event, Stat } from 'node-zookeeper-client'

const { ACL, CreateMode, Id, Permission } = zookeeper
const DEADLINE_MS = 30_000
const [hosts = ''] = process.argv.slice(2)

const say = (...words: readonly unknown[]): void => console.log(words.map(String).join(' '))

/** What a call with a callback answers: its first value after the error, or the name of the error. */
function outcome<T>(call: (answer: (error: unknown, value?: T) => void) => void): Promise<T | string> {
  return new Promise((resolve) => {
    call((error, value) => {
      const name = error instanceof zookeeper.Exception ? error.getName() : String(error)
      resolve(error === null || error === undefined ? (value as T) : name)
    })
  })
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The client's own list of servers starts anywhere; it names the server only in private. */
const portOf = (client: Client): number =>
  (client as unknown as { connectionManager: { socket: { remotePort: number } } }).connectionManager.socket.remotePort

/** A server that comes back may take a connection and never answer, and this client waits for that for ever: it is given another try. */
async function connected(where: string): Promise<Client> {
  for (;;) {
    const client = zookeeper.createClient(where, { sessionTimeout: 10_000, spinDelay: 100, retries: 0 })
    const isConnected = new Promise<true>((resolve) => client.once('connected', () => resolve(true)))
    client.connect()
    const patience = new Promise<false>((resolve) => setTimeout(() => resolve(false), DEADLINE_MS).unref())
    if (await Promise.race([isConnected, patience])) return client
    client.close()
  }
}

const exists = (client: Client, path: string): Promise<Stat | string | null> =>
  outcome<Stat | null>((answer) => client.exists(path, answer))
const create = (client: Client, path: string, mode = CreateMode.PERSISTENT): Promise<string> =>
  outcome<string>((answer) => client.create(path, Buffer.from('x'), mode, answer))
const setData = async (client: Client, path: string, text: string, version = -1): Promise<unknown> => {
  const stat = await outcome<Stat>((answer) => client.setData(path, Buffer.from(text), version, answer))
  return typeof stat === 'string' ? stat : stat.version
}
const getData = (client: Client, path: string): Promise<unknown> =>
  outcome<Buffer>((answer) => client.getData(path, answer))
const getChildren = async (client: Client, path: string): Promise<unknown> => {
  const names = await outcome<string[]>((answer) => client.getChildren(path, answer))
  return typeof names === 'string' ? names : names.sort().join()
}
const remove = (client: Client, path: string, version = -1): Promise<unknown> =>
  outcome((answer) => client.remove(path, version, answer))

async function everyday(client: Client): Promise<void> {
  say('create', await create(client, '/node'), await create(client, '/node'), await create(client, '/no/node'))
  say('sequence', await create(client, '/node/s-', CreateMode.PERSISTENT_SEQUENTIAL))
  say('ephemeral', await create(client, '/node/e', CreateMode.EPHEMERAL))
  say('both', await create(client, '/node/e-', CreateMode.EPHEMERAL_SEQUENTIAL))
  const stat = await exists(client, '/node/e')
  say('owner', typeof stat === 'object' && stat?.ephemeralOwner.equals(client.getSessionId()))
  say('below an ephemeral', await create(client, '/node/e/x'))
  say('mkdirp', await outcome((answer) => client.mkdirp('/node/a/b/c', answer)))
  say('children', await getChildren(client, '/node'), await getChildren(client, '/nothing'))
  say('set', await setData(client, '/node', 'one', 0), await setData(client, '/node', 'two', 0))
  say('get', await getData(client, '/node'), await getData(client, '/nothing'))
  say('exists', await exists(client, '/nothing'))
  say(
    'remove',
    await remove(client, '/node'),
    await remove(client, '/node/a/b/c', 3),
    await remove(client, '/node/a/b/c'),
  )
}

async function transactions(client: Client): Promise<void> {
  const good = client.transaction().create('/node/t', Buffer.from('1')).setData('/node/t', Buffer.from('2'), 0)
  const results = await outcome<{ type: number }[]>((answer) =>
    good.check('/node/t', 1).create('/node/u').remove('/node/u', 0).commit(answer),
  )
  say('transaction', typeof results === 'string' ? results : results.map(({ type }) => type).join())
  const bad = client.transaction().create('/node/v').check('/node/t', 9).remove('/node/t')
  say('failed', await outcome((answer) => bad.commit(answer)), await exists(client, '/node/v'))
}

async function watches(client: Client, other: Client): Promise<void> {
  const heard: string[] = []
  const watcher = (event: Event): void => void heard.push(`${event.getName()} ${event.getPath()}`)
  await create(client, '/node/w')
  await outcome((answer) => client.getData('/node/w', watcher, answer))
  await outcome((answer) => client.getChildren('/node/w', watcher, answer))
  await outcome((answer) => client.exists('/node/w/later', watcher, answer))
  await until('its birth elsewhere', async () => (await exists(other, '/node/w')) !== null)
  await setData(other, '/node/w', '1')
  await setData(other, '/node/w', '2')
  await create(other, '/node/w/later')
  await until('three events', () => heard.length >= 3)
  say('events', heard.splice(0).sort().join())
  await outcome((answer) => client.exists('/node/w/later', watcher, answer))
  await remove(other, '/node/w/later')
  await until('a deletion', () => heard.length >= 1)
  say('deletion', heard.join())
}

async function identities(client: Client, stranger: Client): Promise<void> {
  client.addAuthInfo('digest', Buffer.from('node:secret'))
  const mine = [new ACL(Permission.ALL, new Id('auth', ''))]
  say('private', await outcome((answer) => client.create('/node/private', Buffer.from('hidden'), mine, answer)))
  await until(
    'its birth elsewhere',
    async () => (await getChildren(stranger, '/node'))?.toString().includes('private') === true,
  )
  say('stranger', await getData(stranger, '/node/private'), await setData(stranger, '/node/private', 'x'))
  say('owner', await getData(client, '/node/private'))
  // Its types call them otherwise than it does.
  const acls = await outcome<{ permission: number; id: zookeeper.Id }[]>((answer) =>
    client.getACL('/node/private', answer as (error: unknown, acls: unknown) => void),
  )
  say(
    'acl',
    typeof acls === 'string' ? acls : acls.map(({ permission, id }) => `${permission} ${id.scheme} ${id.id}`).join(),
  )
  const readers = [...mine, new ACL(Permission.READ, new Id('world', 'anyone'))]
  const changed = await outcome<Stat>((answer) => client.setACL('/node/private', readers, 0, answer))
  say('set', typeof changed === 'string' ? changed : changed.aversion)
  say('stale', await outcome((answer) => client.setACL('/node/private', readers, 0, answer)))
  say('none', await outcome((answer) => client.setACL('/node', [new ACL(1, new Id('nobody', 'knows'))], answer)))
  await until('its change elsewhere', async () => (await getData(stranger, '/node/private')) !== 'NO_AUTH')
  say('reader', await getData(stranger, '/node/private'))
}

async function pipeline(client: Client): Promise<void> {
  const count = 2_000
  await create(client, '/node/many')
  const answers = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? create(client, `/node/many/${index}`) : getChildren(client, `/node/many/${index - 1}`),
  )
  const wrong = (await Promise.all(answers)).filter(
    (answer, index) => answer !== (index % 2 === 0 ? `/node/many/${index}` : ''),
  )
  say('pipeline', count, wrong.length)
}

async function deadServer(orders: AsyncIterator<string>): Promise<void> {
  const client = await connected(hosts)
  const states: string[] = []
  client.on('state', (state: zookeeper.State) => void states.push(state.name))
  client.addAuthInfo('digest', Buffer.from('node:secret'))
  await create(client, '/node/alive', CreateMode.EPHEMERAL)
  const heard: string[] = []
  await outcome((answer) => client.exists('/node/alive', (event) => void heard.push(event.getName()), answer))
  const session = client.getSessionId().toString('hex')
  const port = portOf(client)
  say('kill', port)
  await orders.next()
  await until('another server', () => states.includes('SYNC_CONNECTED'))
  say('moved', states.join(), client.getSessionId().toString('hex') === session, portOf(client) !== port)
  say('ephemeral', (await exists(client, '/node/alive')) !== null)
  say('watch', await setData(client, '/node/alive', 'moved'))
  await until('the event', () => heard.length > 0)
  say('heard', heard.join())
  say('restart', port)
  await orders.next()
  const closed = new Promise<void>((resolve) => client.once('disconnected', resolve))
  client.close()
  await closed
}

const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const [one = '', two = ''] = hosts.split(',')
const client = await connected(one)
const other = await connected(two)
say('session', client.getState().toString(), client.getSessionTimeout(), client.getSessionPassword().length)
await everyday(client)
await transactions(client)
await watches(client, other)
await identities(client, other)
await pipeline(client)
await deadServer(orders)
await until('the end of its session', async () => (await exists(other, '/node/alive')) === null)
for (const each of [client, other]) each.close()
say('done')
process.exit(0)
