import { expect, test } from 'vitest'
import { readProfile } from '../../src/profile/profile-text.ts'
import type { Profile } from '../../src/profile/profile.ts'

function read(text: string, name = 'mine'): Profile {
  return readProfile({ file: `${name}.ini`, name, text })
}

function messageOf(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  return ''
}

const workload = '[profile]\nconcern=workload\ndescription=x\n'
const storage = '[profile]\nconcern=storage\ndescription=x\n'

test('a profile says what it is about and what it sets', () => {
  const text = `; what it stands for
[profile]
name = mine
concern = workload
description = lock queues
extends = mixed, write-heavy
[settings]
maxClientCnxns = 0
4lw.commands.whitelist = *
[workload]
mix.get = 90
mix.set = 9.5
mix.delete = 0
sessions = 1k
inFlight = 4
valueSize = 90:100B, 10:1KiB..2KiB
keys = 500
keyOrder = zipf
depth = 3
watchers = 20
parties = 3
stormSize = 50
stormSpread = 1500ms
via = gateway
`
  expect(read(text)).toEqual({
    name: 'mine',
    concern: 'workload',
    file: 'mine.ini',
    description: 'lock queues',
    isUnsafe: null,
    parents: ['mixed', 'write-heavy'],
    voters: null,
    observers: null,
    links: null,
    splitsLog: null,
    security: { clientTls: null, clientAuth: null },
    settings: [
      { key: 'maxClientCnxns', value: '0', where: 'mine.ini [settings] maxClientCnxns' },
      { key: '4lw.commands.whitelist', value: '*', where: 'mine.ini [settings] 4lw.commands.whitelist' },
    ],
    workload: {
      mix: { get: 90, set: 9.5 },
      sessions: 1_000,
      inFlight: 4,
      valueSizes: [
        { weight: 90, minBytes: 100, maxBytes: 100 },
        { weight: 10, minBytes: 1_024, maxBytes: 2_048 },
      ],
      keyCount: 500,
      keyOrder: 'zipf',
      folderSize: null,
      depth: 3,
      multiSize: null,
      watchers: 20,
      parties: 3,
      stormSize: 50,
      stormSpreadMs: 1_500,
      via: 'gateway',
    },
  })
})

test.each([
  ['valueSize=1k', /Which one: 1KiB/],
  ['valueSize=4KiB..1KiB', /"4KiB\.\.1KiB" ends before it begins/],
  ['valueSize=x:1KiB', /"x:1KiB" has no weight/],
  ['valueSize=1..2..3', /is no range of sizes/],
  ['keyOrder=zip', /keyOrder is "zip"\. Write keyOrder=uniform or zipf or sequential/],
  ['depth=0', /out of range/],
  ['mix.gt=1', /Did you mean "mix.get"/],
])('%s is refused with what to write instead', (line, says) => {
  expect(messageOf(`${workload}[workload]\n${line}\n`)).toMatch(says)
})

test('every fault comes up at once, with its section and key', () => {
  const text = `stray=1
[profile]
concern=storge
descripton=x
unsafe=yes
[setings]
a=b
[settings]
tickTme=2000
[workload]
sessions=0
`
  expect(messageOf(text).split('\n')).toEqual([
    'mine.ini: "stray" stands outside of any section. Put it below one of [profile], [cluster], [links], [storage], [settings], [workload], [security].',
    'mine.ini: there is no section [setings]. The sections are [profile], [cluster], [links], [storage], [settings], [workload], [security]. Did you mean "settings"?',
    'mine.ini [profile] descripton: [profile] has no key "descripton". The keys of [profile] are name, concern, description, extends, unsafe. Did you mean "description"?',
    'mine.ini [profile] concern: concern is "storge". Write concern= and one of cluster, storage, security, workload. Did you mean "storage"?',
    'mine.ini [profile]: description is not set. Add description= and one line on what the profile stands for.',
    'mine.ini [profile] unsafe: unsafe is "yes". Write unsafe=true or unsafe=false.',
    'mine.ini [settings] tickTme: ZooKeeper has no setting "tickTme". Did you mean "tickTime"?',
    'mine.ini [workload] sessions: "0" is out of range. It must be at least 1.',
  ])
})

test.each([
  [`${workload}[cluster]\nvoters=3`, 'a workload profile has a section [cluster]'],
  [`${storage}[workload]\nsessions=3`, 'a storage profile has a section [workload]'],
  ['[profile]\nconcern=cluster\ndescription=x\n[cluster]\nvoters=0', 'voters: "0" is out of range'],
  ['[profile]\nconcern=cluster\ndescription=x\n[cluster]\nvoters=three', '"three" is not a whole number'],
  [`${workload}[workload]\nmix.gets=5`, 'Did you mean "mix.get"?'],
  [`${workload}[workload]\nmix.get=-5`, 'mix.get is "-5" but must be a weight'],
  [`${workload}[workload]\nmix.get=0`, 'every weight of the mix is 0'],
  [`${workload}[workload]\nvalueSize=1k`, 'Which one: 1KiB'],
  [`${storage}[settings]\nforceSync=false`, 'forceSync is "false", which counts as yes'],
  [`${storage}[settings]\nsnapCount=10k`, 'snapCount is "10k"'],
  [`${storage}[settings]\nsnapCount=1`, 'snapCount is 1, but 2 counts'],
  [`${storage}[settings]\ntickTime=2s`, 'tickTime is "2s"'],
  [`${storage}[settings]\nsslQuorum=yes`, 'sslQuorum is "yes"'],
  [`${storage}[settings]\ndataDir=/data`, 'dataDir belongs to one server'],
  [`${storage}[settings]\nserver.1=a:1:2`, 'server.1 belongs to one server'],
  [`${storage}[settings]\nsnapCount[]=5`, 'this is a list'],
  [`${storage}name=other`, 'the profile calls itself "other", its file "mine"'],
])('%j is refused', (text, what) => {
  expect(messageOf(text)).toContain(what)
})

test('a session bound alone is checked against nothing that it does not have', () => {
  expect(read(`${storage}[settings]\nminSessionTimeout=100000`).settings).toHaveLength(1)
  expect(read(`${storage}[settings]\nmaxSessionTimeout=1000`).settings).toHaveLength(1)
})
