import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeArguments } from '../../../src/ensemble/server-process.ts'
import { runScript } from './script-run.ts'
import {
  PYTHON,
  requirePackages,
  startApache,
  startZktune,
  ZOOKEEPER_CLASSPATH,
  type ServersUnderTest,
} from '../servers-under-test.ts'

/** A second a tick: sessions that end do so soon. */
const SETTINGS = { tickTime: '1000', extendedTypesEnabled: 'true' }

const pathOf = (name: string): string => fileURLToPath(new URL(`scripts/${name}`, import.meta.url))
const compiled = mkdtempSync(join(tmpdir(), 'zktune-scripts-'))
const cClient = join(compiled, 'c_client')

/** Programs over clients of others. Beside each lies what Apache ZooKeeper 3.8.0 makes it say. */
const SCRIPTS: readonly (readonly [client: string, script: string, command: readonly string[]])[] = [
  ["Apache's Java client", 'JavaClient', ['java', '-cp', ZOOKEEPER_CLASSPATH, pathOf('JavaClient.java')]],
  ["Apache's C client", 'c_client', [cClient]],
  ['kazoo, by its recipes,', 'kazoo_recipes', [PYTHON, pathOf('kazoo_recipes.py')]],
  [
    'node-zookeeper-client',
    'node-client',
    [process.execPath, ...nodeArguments(new URL('scripts/node-client.ts', import.meta.url))],
  ],
]

beforeAll(() => {
  requirePackages()
  execFileSync('gcc', [
    '-Wall',
    '-Wextra',
    '-Werror',
    '-DTHREADED',
    '-o',
    cClient,
    pathOf('c_client.c'),
    '-lzookeeper_mt',
  ])
})
afterAll(() => rmSync(compiled, { recursive: true }))

// One ensemble for all the scripts: each keeps to znodes of its own, and has every server back that it had killed.
describe.each([
  ['Apache ZooKeeper 3.8.0', startApache],
  ['zktune', startZktune],
])('with %s', (_name, start) => {
  let servers: ServersUnderTest
  beforeAll(async () => {
    servers = await start(SETTINGS)
  })
  afterAll(() => servers[Symbol.asyncDispose]())

  test.each(SCRIPTS)('%s finds what it knows from ZooKeeper', async (_client, script, [command = '', ...words]) => {
    const expected = readFileSync(pathOf(`${script}.said.txt`), 'utf8')
      .trimEnd()
      .split('\n')
    expect(await runScript(servers, command, [...words, servers.hosts])).toEqual(expected)
  })
})
