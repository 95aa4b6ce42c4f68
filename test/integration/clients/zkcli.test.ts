import { describe, expect, test } from 'vitest'
import { Dialogue } from './dialogue.ts'
import {
  portOfSession,
  requirePackages,
  startApache,
  startZktune,
  ZKCLI,
  type ServersUnderTest,
} from '../servers-under-test.ts'

const EVENT = /\nWATCHER::\n\nWatchedEvent state:(\w+) type:(\w+) path:(\S+)\n/

/** zkCli.sh, line by line. Without a terminal it shows no prompt, so a question whose answer is known ends each answer. */
class ZkCli implements AsyncDisposable {
  readonly #dialogue: Dialogue
  #asked = 0
  #events: string[] = []

  constructor(servers: ServersUnderTest) {
    this.#dialogue = new Dialogue('bash', [
      '-c',
      // Errors come on the other stream: one pipe keeps them in order.
      'exec "$0" "$@" 2>&1',
      ZKCLI,
      ...['-waitforconnection', '-timeout', '10000', '-server', servers.hosts],
    ])
  }

  /** Waits until it is connected. */
  async begin(): Promise<void> {
    this.#takeEvents(await this.#dialogue.hear(/JLine support is disabled\n/))
  }

  /** @returns what it answers, without the events among it, and with all that differs between runs masked */
  async ask(command: string): Promise<string[]> {
    const text = await this.answerTo(command)
    return text
      .split('\n')
      .map((line) =>
        line.replace(/^(\w+time|[cmp]Zxid) = .*/, '$1 = …').replace(/Owner = 0x[1-9a-f].*/, 'Owner = mine'),
      )
      .filter((line) => line !== '')
  }

  /** As it stands. */
  async answerTo(command: string): Promise<string> {
    const marker = `/marker-${++this.#asked}`
    this.#dialogue.say(command)
    this.#dialogue.say(`ls ${marker}`)
    const text = await this.#dialogue.hear(new RegExp(`.* ${marker}\n`))
    return this.#takeEvents(text).replace(new RegExp(`.* ${marker}\n$`), '')
  }

  /** As many events, in the order in which they came. */
  async events(count: number): Promise<string[]> {
    while (this.#events.length < count) this.#takeEvents(await this.#dialogue.hear(EVENT))
    const events = this.#events
    this.#events = []
    return events
  }

  async end(): Promise<void> {
    this.#dialogue.say('ls /') // its exit code is that of the last command
    this.#dialogue.say('quit')
    await this.#dialogue.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dialogue[Symbol.asyncDispose]()
  }

  /** @returns the text without them */
  #takeEvents(text: string): string {
    for (;;) {
      const event = EVENT.exec(text)
      if (event === null) return text
      this.#events.push(`${event[1]} ${event[2]} ${event[3]}`)
      text = text.replace(event[0], '')
    }
  }
}

// The run with Apache shows that what is expected here is what Apache does. zkCli.sh prints events and answers from two
// threads; in one of some six runs (with Apache, so far) an event was not found in what was read. So a run may be repeated.
describe.each([
  ['Apache ZooKeeper 3.8.0', startApache],
  ['zktune', startZktune],
])('zkCli.sh with %s', (_name, start) => {
  test('does what it does with ZooKeeper, and goes on when its server dies', { retry: 2 }, async () => {
    requirePackages()
    await using servers = await start()
    await using cli = new ZkCli(servers)
    await cli.begin()
    expect(await cli.events(1)).toEqual(['SyncConnected None null'])

    // Create, get, set, ls.
    expect(await cli.ask('create /app one')).toEqual(['Created /app'])
    expect(await cli.ask('create /app one')).toEqual(['Node already exists: /app'])
    expect(await cli.ask('get /app')).toEqual(['one'])
    expect(await cli.ask('get /nothing')).toEqual(['Node does not exist: /nothing'])
    expect(await cli.ask('set -v 0 /app two')).toEqual([])
    expect(await cli.ask('set -v 0 /app three')).toEqual(['version No is not valid : /app'])
    expect(await cli.ask('get -s /app')).toEqual([
      'two',
      'cZxid = …',
      'ctime = …',
      'mZxid = …',
      'mtime = …',
      'pZxid = …',
      'cversion = 0',
      'dataVersion = 1',
      'aclVersion = 0',
      'ephemeralOwner = 0x0',
      'dataLength = 3',
      'numChildren = 0',
    ])
    expect(await cli.ask('ls /')).toEqual(['[app, zookeeper]'])

    // Sequential, ephemeral.
    expect(await cli.ask('create -s /app/n- 1')).toEqual(['Created /app/n-0000000000'])
    expect(await cli.ask('create -s /app/n- 2')).toEqual(['Created /app/n-0000000001'])
    expect(await cli.ask('create -e /app/mine x')).toEqual(['Created /app/mine'])
    expect(await cli.ask('stat /app/mine')).toContain('ephemeralOwner = mine')
    expect(await cli.ask('create /app/mine/child')).toEqual(['Ephemerals cannot have children: /app/mine/child'])
    expect(await cli.ask('getEphemerals /app')).toEqual(['[/app/mine]'])
    expect(await cli.ask('getAllChildrenNumber /app')).toEqual(['3'])

    // Watches.
    await cli.ask('get -w /app')
    await cli.ask('set /app three')
    expect(await cli.events(1)).toEqual(['SyncConnected NodeDataChanged /app'])
    await cli.ask('ls -w /app')
    await cli.ask('create /app/kid')
    expect(await cli.events(1)).toEqual(['SyncConnected NodeChildrenChanged /app'])
    expect(await cli.ask('stat -w /later')).toEqual(['Node does not exist: /later'])
    await cli.ask('addWatch -m PERSISTENT_RECURSIVE /app')
    await cli.ask('create /later')
    await cli.ask('set /app/kid x')
    await cli.ask('delete /app/kid')
    expect(await cli.events(3)).toEqual([
      'SyncConnected NodeCreated /later',
      'SyncConnected NodeDataChanged /app/kid',
      'SyncConnected NodeDeleted /app/kid',
    ])

    // Deletion, ACLs, sync.
    expect(await cli.ask('delete /app')).toEqual(['Node not empty: /app'])
    expect(await cli.ask('addauth digest user:secret')).toEqual([])
    expect(await cli.ask('create /private hidden auth::cdrwa')).toEqual(['Created /private'])
    expect(await cli.ask('getAcl /private')).toEqual(["'digest,'user:5w9W4eL3797Y4Wq8AcKUPPk8ha4=", ': cdrwa'])
    expect(await cli.ask('whoami')).toEqual(['Auth scheme: User', 'ip: 127.0.0.1', 'digest: user'])
    expect(await cli.ask('sync /app')).toEqual(['Sync is OK'])
    expect(await cli.ask('deleteall /later')).toEqual([])

    // Its server dies: the session, its ephemeral, its watch and its identity go on with another one.
    const before = await cli.answerTo('stat /app/mine')
    const session = /ephemeralOwner = (0x\w+)/.exec(before)?.[1] ?? 'none'
    await servers.kill(await portOfSession(servers, session))
    expect(await cli.events(2)).toEqual(['Disconnected None null', 'SyncConnected None null'])
    expect(await cli.answerTo('stat /app/mine')).toBe(before)
    expect(await cli.ask('get /private')).toEqual(['hidden'])
    expect(await cli.ask('create /app/after x')).toEqual(['Created /app/after'])
    expect(await cli.events(1)).toEqual(['SyncConnected NodeCreated /app/after'])
    await cli.end()
  })
})
