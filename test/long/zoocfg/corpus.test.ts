import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ServerView } from '../../../src/zoocfg/lint/server-view.ts'
import type { ServerFiles } from '../../../src/zoocfg/lint/server-view.ts'
import { findEntry, readProperties, setProperty } from '../../../src/zoocfg/properties.ts'
import { readCorpus, readExpected } from '../../zoocfg/corpus.ts'
import type { Expected } from '../../zoocfg/corpus.ts'
import { freePorts } from '../free-ports.ts'
import { LiveApache } from '../live-apache.ts'
import { loginIn, metricsProviderIn } from './surroundings.ts'

/** More than any file of the corpus names. */
const PORT_COUNT = 10
const PORT_KEYS = ['clientPort', 'secureClientPort', 'admin.serverPort']
const ADDRESS_KEYS = ['clientPortAddress', 'secureClientPortAddress']

let apache: LiveApache
let folder: string

beforeAll(async () => {
  apache = await LiveApache.find()
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zktune-long-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const TRIED = readCorpus().flatMap((corpus) => {
  const expected = readExpected(corpus)
  return corpus.servers.flatMap((server) =>
    expected.apache.kind === 'untried' ? [] : [{ name: `${corpus.name}: ${server.file}`, server, expected }],
  )
})

test.each(TRIED)('$name does on Apache what the corpus says', async ({ server, expected }) => {
  const { config, adminPort } = movedHere(server, folder, await freePorts(PORT_COUNT))
  const isRefused = expected.apache.kind !== 'starts'
  const properties = {
    'zookeeper.admin.serverPort': adminPort,
    ...Object.fromEntries(server.jvm?.properties ?? []),
    ...(expected.needs.includes('login') ? loginIn(folder) : {}),
  }
  const classes = expected.needs.includes('metrics-provider') ? metricsProviderIn(folder, apache) : null
  const start = await apache.start(config, folder, isRefused ? 'refused' : 'started', properties, classes)
  expect(start.kind, start.printed).toBe(isRefused ? 'refused' : 'started')
  expect(start.printed).toContain(saidBy(expected))
})

function saidBy({ apache: told }: Expected): string {
  return told.kind === 'refuses' || told.kind === 'ends' ? told.says : ''
}

interface Moved {
  readonly config: string
  /** For a file that names none: 8080 may be taken here. */
  readonly adminPort: string
}

/**
 * Writes a server's files so that they mean the same here: its folders below one that is empty, its addresses those of
 * this machine, its ports free ones. One port or host that stands in two places stays one.
 */
function movedHere(server: ServerFiles, into: string, free: readonly number[]): Moved {
  const ports = new Map<string, string>()
  const hosts = new Map<string, string>()
  const portFor = (port: string): string => taken(ports, port, () => String(free[ports.size] ?? 0))
  const hostFor = (host: string): string =>
    /^(0\.0\.0\.0|\[::\]|)$/.test(host) ? host : taken(hosts, host, () => `127.0.0.${hosts.size + 1}`)
  const view = new ServerView(server, { major: 3, minor: 8 })
  const own = view.members.servers[0]
  const dynamicFile = join(into, 'conf', 'zoo.cfg.dynamic')
  let text = server.text
  const change = (key: string, by: (value: string) => string): void => {
    text = changed(text, key, by)
  }
  const inFolder = (path: string): string => (path.startsWith('/') ? join(into, path) : path)
  for (const key of ['dataDir', 'dataLogDir']) change(key, inFolder)
  for (const key of PORT_KEYS) change(key, (value) => (/^\d+\s*$/.test(value) ? portFor(value.trim()) : value))
  for (const key of ADDRESS_KEYS) change(key, () => '127.0.0.1')
  for (const { key } of view.lines.filter((line) => line.key.startsWith('server.'))) {
    change(key, (value) => movedMember(value, portFor, hostFor))
  }
  change('dynamicConfigFile', () => dynamicFile)
  const dataDir = join(into, findEntry(readProperties(server.text), 'dataDir')?.value.trim() ?? '')
  mkdirSync(dataDir, { recursive: true })
  if (own !== undefined) writeFileSync(join(dataDir, 'myid'), `${own.id}\n`)
  const config = join(into, 'conf', 'zoo.cfg')
  mkdirSync(dirname(config), { recursive: true })
  writeFileSync(config, text, 'latin1')
  const dynamic = server.dynamic ?? null
  if (dynamic !== null) {
    const keys = readProperties(dynamic.text).entries.map(({ key }) => key)
    const moved = keys.reduce(
      (all, key) => changed(all, key, (value) => movedMember(value, portFor, hostFor)),
      dynamic.text,
    )
    writeFileSync(dynamicFile, moved, 'latin1')
  }
  return { config, adminPort: portFor('8080') }
}

/** The text with another value for a key; as it is where it has none. */
function changed(text: string, key: string, by: (value: string) => string): string {
  const entry = findEntry(readProperties(text), key)
  if (entry === null) return text
  const value = by(entry.value)
  return value === entry.value ? text : setProperty(readProperties(text), key, value)
}

/** `zk1:2888:3888;2181` */
function movedMember(value: string, portFor: (port: string) => string, hostFor: (host: string) => string): string {
  const [, host, quorum, election, rest = ''] = /^([\w.-]+|\[[^\]]*\]):(\d+):(\d+)(.*)$/.exec(value) ?? []
  if (host === undefined || quorum === undefined || election === undefined) return value
  const moved = rest.replace(/;(.*:)?(\d+)$/, (_, address: string | undefined, port: string) => {
    return `;${address ?? ''}${portFor(port)}`
  })
  return `${hostFor(host)}:${portFor(quorum)}:${portFor(election)}${moved}`
}

function taken(known: Map<string, string>, key: string, make: () => string): string {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}
