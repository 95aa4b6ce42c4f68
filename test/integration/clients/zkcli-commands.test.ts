import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asText, readTranscript, replay } from './transcript.ts'
import { ZkCli } from './zkcli.ts'
import { leaderPort, requirePackages, startApache, startZktune, type ServersUnderTest } from '../servers-under-test.ts'

const FOLDER = new URL('zkcli/', import.meta.url)
const TRANSCRIPTS = readdirSync(FOLDER)
  .sort()
  .map((name) => [name.replace('.txt', ''), readFileSync(new URL(name, FOLDER), 'utf8')] as const)

const SETTINGS = {
  extendedTypesEnabled: 'true',
  enforceQuota: 'true',
  reconfigEnabled: 'true',
  // Of the password "test".
  'DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
}

// Apache's own run shows that the transcripts say what Apache does. Its leader holds a write against a hard quota by what it
// has applied itself, and a follower may have answered the write before by then: who is to see what their last delete made
// room for has to ask the leader. The built-in engine makes no such difference.
describe.each([
  ['the leader of Apache ZooKeeper 3.8.0', startApache, 'leader'],
  ['a follower of zktune', startZktune, 'follower'],
] as const)('zkCli.sh with %s', (_name, start, role) => {
  let servers: ServersUnderTest
  let port: number | undefined
  beforeAll(async () => {
    requirePackages()
    servers = await start(SETTINGS)
    const leader = await leaderPort(servers.ports)
    port = servers.ports.find((each) => (each === leader) === (role === 'leader'))
  })
  afterAll(() => servers[Symbol.asyncDispose]())

  test.each(TRANSCRIPTS)('says all of the transcript: %s', async (_file, text) => {
    const hosts = `127.0.0.1:${port}`
    await using cli = new ZkCli(hosts)
    await cli.begin()
    await cli.events(1)
    const expected = readTranscript(text.replaceAll('{hosts}', hosts))
    expect((await replay(cli, expected)).map(asText)).toEqual(expected.map(asText))
    expect(await cli.events(0)).toEqual([])
  })

  test('has no command that no transcript asks', async () => {
    await using cli = new ZkCli(servers.hosts)
    await cli.begin()
    const help = await cli.ask('help')
    const commands = new Set(help.flatMap((line) => /^\t(\w+) /.exec(line)?.[1] ?? []))
    const asked = TRANSCRIPTS.flatMap(([, text]) => readTranscript(text)).flatMap(({ command }) =>
      command.split(' ;; '),
    )
    for (const command of asked) commands.delete(command.split(' ')[0] ?? '')
    // Every run ends with quit.
    expect([...commands]).toEqual(['quit'])
  })
})
