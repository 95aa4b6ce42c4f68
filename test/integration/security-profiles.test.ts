import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/index.ts'
import { TLS_CLASSPATH } from './clients/tls/secure-servers.ts'
import { leftIn, processesIn, Run } from './command-line.ts'
import { PYTHON, requirePackages, ZKCLI } from './servers-under-test.ts'

const SECRET = 'hunter2'
const PROFILES = ['open', 'digest-acl', 'tls-client', 'mtls-client'] as const

interface Ready {
  readonly hosts: string
  readonly tls: { readonly ca: string; readonly cert: string | null; readonly key: string | null } | null
  readonly servers: readonly { readonly config: string }[]
}

let folder: string
let config: string
const runs: Run[] = []

function zktune(...words: string[]): Run {
  const run = new Run(words, folder)
  runs.push(run)
  return run
}

beforeEach(() => {
  requirePackages()
  folder = mkdtempSync(join(tmpdir(), 'security-test-'))
  config = join(folder, 'own.cfg')
  writeFileSync(config, `DigestAuthenticationProvider.superDigest=super:${SECRET}\n`)
})

afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.child.kill('SIGKILL')
    await run.ended
  }
  for (const pid of processesIn(folder)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

async function expectNothingLeft(run: Run): Promise<void> {
  run.child.kill('SIGINT')
  expect(await run.ended).toBe(130)
  expect(leftIn(folder)).toEqual(['own.cfg'])
  expect(processesIn(folder)).toEqual([])
}

function expectNoSecret(...texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('PRIVATE KEY')
  }
}

/** What lies under the folder, by path. */
function filesUnder(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inside = join(path, entry.name)
    return entry.isDirectory() ? filesUnder(inside) : [inside]
  })
}

describe.each(PROFILES)('with the profile %s', (profile) => {
  const how = ['--profile', 'standalone', '--profile', profile]

  test('zktune bench measures, tells no secret, and leaves nothing behind', async () => {
    const run = zktune('bench', ...how, '--config', config, '--duration', '2s', '--warmup', '0', '--json')
    expect(await run.ended, run.stderr).toBe(0)
    const { environment, phases, plan } = JSON.parse(run.stdout) as {
      environment: { tls: { protocol: string } | null }
      phases: { operations: number; errors: object }[]
      plan: { settings: { key: string; value: string }[] }
    }
    expect(environment.tls?.protocol ?? null).toBe(profile.endsWith('-client') ? 'TLSv1.3' : null)
    for (const { errors } of phases) expect(errors).toEqual({})
    expect(phases.reduce((sum, { operations }) => sum + operations, 0)).toBeGreaterThan(0)
    expect(plan.settings).toContainEqual(expect.objectContaining({ value: '(hidden)' }))
    expectNoSecret(run.stdout, run.stderr)
    expect(leftIn(folder)).toEqual(['own.cfg'])
    expect(processesIn(folder)).toEqual([])
  })

  test('zktune up keeps its keys to itself, lets clients in, and leaves nothing behind', async () => {
    const run = zktune('up', ...how, '--config', config, '--json')
    await run.until('line that it is ready', () => run.stdout.endsWith('\n'))
    const { hosts, tls, servers } = JSON.parse(run.stdout) as Ready
    expectNoSecret(run.stdout, run.stderr)

    const home = dirname(dirname(servers[0]?.config ?? ''))
    const withKeys = filesUnder(home).filter((path) => readFileSync(path, 'latin1').includes('PRIVATE KEY'))
    expect(withKeys.length > 0).toBe(tls !== null)
    const withSecret = filesUnder(home).filter((path) => readFileSync(path, 'latin1').includes(SECRET))
    expect(withSecret).toEqual([servers[0]?.config])
    for (const path of [...withKeys, ...withSecret]) expect(statSync(path).mode & 0o777, path).toBe(0o600)
    for (const path of withKeys) expect(statSync(dirname(path)).mode & 0o777, path).toBe(0o700)

    const files =
      tls === null ? false : { ca: tls.ca, ...(tls.cert === null ? {} : { cert: tls.cert, key: String(tls.key) }) }
    await using client = await connect(hosts, { tls: files })
    expect(await client.create('/mine', 'x')).toBe('/mine')
    const schemes = (await client.whoAmI()).map(({ scheme }) => scheme).sort()
    expect(schemes).toEqual(profile === 'mtls-client' ? ['ip', 'x509'] : ['ip'])
    await client.close()
    await expectNothingLeft(run)
  })
})

test.each([
  ['tls-client', 'builtin'],
  ['mtls-client', 'builtin'],
  ['mtls-client', 'apache'],
])('the lines that zktune up prints with %s and the engine %s work as they stand', async (profile, engine) => {
  const run = zktune('up', '--engine', engine, '--profile', 'standalone', '--profile', profile)
  await run.until('line for zkCli.sh', () => /zkCli\.sh -server \S+\n$/.test(run.stdout))
  const python = /^ {2}kazoo +(.*)$/m.exec(run.stdout)?.[1] ?? ''
  const script = `from kazoo.client import KazooClient\nzk = ${python}\nzk.start()\nprint(zk.create('/py'))\nzk.stop()\n`
  const kazoo = spawnSync(PYTHON, ['-c', script], { encoding: 'utf8', timeout: 60_000 })
  expect(kazoo.stdout, kazoo.stderr).toBe('/py\n')

  const shell = /^CLIENT_JVMFLAGS=.*$/m.exec(run.stdout)?.[0] ?? ''
  // Debian's package leaves Netty off the class path; Apache's own has it there.
  const line = shell
    .replace('="', `="-Xmx128m -cp ${TLS_CLASSPATH} `)
    .replace('zkCli.sh', `${ZKCLI} -waitforconnection`)
  const cli = spawnSync('bash', ['-c', line], { input: 'ls /\nquit\n', encoding: 'utf8', timeout: 60_000 })
  expect(cli.stdout.split('\n'), cli.stderr).toContain('[py, zookeeper]')
  await expectNothingLeft(run)
})
