import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runScript } from './script-run.ts'
import {
  requirePackages,
  startApache,
  startZktune,
  ZOOKEEPER_CLASSPATH,
  type ServersUnderTest,
} from '../servers-under-test.ts'

/** A second a tick: sessions that end do so soon. */
const SETTINGS = { tickTime: '1000', extendedTypesEnabled: 'true' }

const path = (name: string): string => fileURLToPath(new URL(`scripts/${name}`, import.meta.url))

/** Programs over clients of others. Beside each lies what Apache ZooKeeper 3.8.0 makes it say. */
const SCRIPTS: readonly (readonly [client: string, script: string, command: readonly string[]])[] = [
  ["Apache's Java client", 'JavaClient', ['java', '-cp', ZOOKEEPER_CLASSPATH, path('JavaClient.java')]],
]

// One ensemble for all the scripts: each keeps to znodes of its own, and has every server back that it had killed.
describe.each([
  ['Apache ZooKeeper 3.8.0', startApache],
  ['zktune', startZktune],
])('with %s', (_name, start) => {
  let servers: ServersUnderTest
  beforeAll(async () => {
    requirePackages()
    servers = await start(SETTINGS)
  })
  afterAll(() => servers[Symbol.asyncDispose]())

  test.each(SCRIPTS)('%s finds what it knows from ZooKeeper', async (_client, script, [command = '', ...words]) => {
    const expected = readFileSync(path(`${script}.said.txt`), 'utf8')
      .trimEnd()
      .split('\n')
    expect(await runScript(servers, command, [...words, servers.hosts])).toEqual(expected)
  })
})
