import { plainShape } from '../../../../src/profile/workload-shape.ts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../../src/ensemble/certificate-authority.ts'
import { connect } from '../../../../src/index.ts'
import { GeneratorCrew } from '../../../../src/measure/generator-crew.ts'
import { Dialogue } from '../dialogue.ts'
import { PYTHON, ZKCLI } from '../../servers-under-test.ts'
import {
  askPlainly,
  askSecurely,
  pathOf,
  startSecureApache,
  startSecureZktune,
  TLS_CLASSPATH,
  type SecureServer,
} from './secure-servers.ts'

/** Apache's own list has no suite of TLS 1.3, whatever versions are enabled. */
const BOTH_VERSIONS = {
  'ssl.protocol': 'TLSv1.3',
  'ssl.enabledProtocols': 'TLSv1.2,TLSv1.3',
  'ssl.ciphersuites': 'TLS_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
}
const NAME = 'CN=client,O=zktune'
const NOBODY = { key: undefined, cert: undefined }

const stranger = await CertificateAuthority.make('stranger')
const scratch = mkdtempSync(join(tmpdir(), 'zktune-stranger-'))
const strangerCa = join(scratch, 'stranger.pem')
writeFileSync(strangerCa, stranger.certificatePem)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function kazooSays({ securePort, tls: { files } }: SecureServer, own: readonly string[]): Promise<string[]> {
  await using script = new Dialogue(PYTHON, [
    pathOf('kazoo_tls.py'),
    `127.0.0.1:${securePort}`,
    files.ca,
    strangerCa,
    ...own,
  ])
  return (await script.end()).trim().split('\n')
}

/** Lines that Apache's command line printed, stdout and stderr. */
function zkCli(port: number, store: Readonly<Record<string, string>>, commands: readonly string[]): string[] {
  const all: Record<string, string> = {
    'client.secure': 'true',
    clientCnxnSocket: 'org.apache.zookeeper.ClientCnxnSocketNetty',
    ...store,
  }
  const flags = Object.entries(all).map(([key, value]) => `-Dzookeeper.${key}=${value}`)
  const words = ['-waitforconnection', '-timeout', '20000', '-server', `127.0.0.1:${port}`]
  const { stdout, stderr } = spawnSync(ZKCLI, words, {
    env: { ...process.env, CLIENT_JVMFLAGS: `-cp ${TLS_CLASSPATH} -Xmx128m ${flags.join(' ')}` },
    input: [...commands, 'quit', ''].join('\n'),
    encoding: 'utf8',
    timeout: 60_000,
  })
  return `${stdout}\n${stderr}`.split('\n')
}

const JAVA_COMMANDS = ['create /java one', 'get /java', 'whoami', 'set /java two', 'get /java', 'delete /java']
const JAVA_SAYS = ['Created /java', 'one', 'two']

describe.each([
  ['Apache ZooKeeper 3.8.0', startSecureApache],
  ['zktune', startSecureZktune],
])('%s by TLS', (_name, start) => {
  describe('with a certificate on both sides, in PEM', () => {
    let server: SecureServer
    beforeAll(async () => {
      server = await start(() => BOTH_VERSIONS)
    })
    afterAll(() => server[Symbol.asyncDispose]())

    test('kazoo works, and is who its certificate says', async () => {
      const { cert, key } = server.tls.files
      expect(await kazooSays(server, [String(cert), String(key)])).toEqual([
        'create /app',
        "get b'one'",
        'large 900000',
        'version (3, 8, 0)',
        'mine /mine',
        "get mine b'hidden'",
        'get other NoAuthError',
        'auth /auth',
        `whose [('x509', '${NAME}')]`,
        'no name InvalidACLError',
        "watch ['CHANGED']",
        'mistrusts KazooTimeoutError',
        'nobody KazooTimeoutError',
      ])
    })

    test("Apache's Java client works, and is who its certificate says", () => {
      const { ca, keyStore } = server.tls.files
      const store = { 'ssl.trustStore.location': ca, 'ssl.keyStore.location': String(keyStore) }
      const lines = zkCli(server.securePort, store, ['addauth x509 me', ...JAVA_COMMANDS])
      expect(lines).toEqual(expect.arrayContaining([...JAVA_SAYS, `x509: ${NAME}`]))
    })

    test('our own client works by file paths, and is who its certificate says', async () => {
      const { ca, cert, key } = server.tls.files
      const tls = { ca, cert: String(cert), key: String(key) }
      await using client = await connect(`127.0.0.1:${server.securePort}`, { tls })
      expect(client.tls?.protocol).toBe('TLSv1.3')
      expect(await client.create('/own', 'x')).toBe('/own')
      expect(await client.whoAmI()).toContainEqual({ scheme: 'x509', user: NAME })
      await client.addAuth('x509', 'anything')
      await client.delete('/own')
    })

    test('our load generator measures it, each session with the certificate', async () => {
      await using crew = GeneratorCrew.start(
        {
          hosts: `127.0.0.1:${server.securePort}`,

          chroot: '',
          workload: {
            name: 'test',
            mix: { get: 1, set: 1 },
            sessions: 3,
            inFlight: 2,
            valueSizeBytes: 100,
            keyCount: 10,
            shape: plainShape(100),
          },
          seed: 7,
          sessionTimeoutMs: 10_000,
          tls: server.tls.client,
          digest: null,
          urls: [],
        },
        1,
      )
      expect(await crew.open()).toEqual({ protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' })
      const [recorded] = await crew.run({ name: 'measuring', load: { kind: 'closed' }, durationMs: 300 })
      const kinds = recorded?.intervals.flatMap(({ operations }) => operations.map(({ kind }) => kind))
      expect([...new Set(kinds)].sort()).toEqual(['get', 'set'])
      await crew.close()
    })

    test('both versions of TLS are spoken, older ones are not, and four letter words work inside', async () => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const heard = await askSecurely(server, { minVersion: version, maxVersion: version })
        expect(heard).toMatchObject({ text: 'imok', protocol: version })
      }
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
      expect(await askSecurely(server, old)).toEqual({ text: '', protocol: null, cipher: null })
    })

    test('the configuration that it tells names both ports', async () => {
      const { text } = await askPlainly(server.plainPort, 'conf')
      const ports = [`clientPort=${server.plainPort}`, `secureClientPort=${server.securePort}`]
      expect(text.split('\n').slice(0, 2)).toEqual(ports)
    })

    test('who shows no certificate, or one of strangers, is kept out', async () => {
      expect((await askSecurely(server, NOBODY)).text).toBe('')
      const { keyPem: key, chainPem: cert } = await stranger.issue({ commonName: 'client', use: 'client' })
      expect((await askSecurely(server, { key, cert })).text).toBe('')
    })
  })

  describe('with a certificate of the server alone, TLS 1.2 and one suite', () => {
    const suite = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'
    let server: SecureServer
    beforeAll(async () => {
      server = await start(() => ({
        'ssl.clientAuth': 'none',
        'ssl.protocol': 'TLSv1.2',
        'ssl.enabledProtocols': 'TLSv1.2',
        'ssl.ciphersuites': suite,
      }))
    })
    afterAll(() => server[Symbol.asyncDispose]())

    test('kazoo works, and is nobody', async () => {
      expect(await kazooSays(server, [])).toEqual([
        'create /app',
        "get b'one'",
        'large 900000',
        'version (3, 8, 0)',
        'mine /mine',
        'get mine NoAuthError',
        'get other NoAuthError',
        'auth InvalidACLError',
        'no name InvalidACLError',
        "watch ['CHANGED']",
        'mistrusts KazooTimeoutError',
      ])
    })

    test("Apache's Java client works, and is nobody", () => {
      const lines = zkCli(server.securePort, { 'ssl.trustStore.location': server.tls.files.ca }, JAVA_COMMANDS)
      expect(lines).toEqual(expect.arrayContaining(JAVA_SAYS))
      expect(lines.filter((line) => line.startsWith('x509'))).toEqual([])
    })

    test('our own client works, and is nobody', async () => {
      const tls = { ca: server.tls.files.ca }
      await using client = await connect(`127.0.0.1:${server.securePort}`, { tls })
      expect(client.tls).toMatchObject({ protocol: 'TLSv1.2', cipher: suite })
      expect((await client.whoAmI()).map(({ scheme }) => scheme)).toEqual(['ip'])
    })

    test('only that version and that suite are spoken', async () => {
      expect(await askSecurely(server)).toEqual({ text: 'imok', protocol: 'TLSv1.2', cipher: suite })
      expect((await askSecurely(server, { minVersion: 'TLSv1.3' })).text).toBe('')
      const other = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' } as const
      expect((await askSecurely(server, other)).text).toBe('')
    })
  })

  describe('with a certificate of clients that have one, in PKCS12', () => {
    let server: SecureServer
    beforeAll(async () => {
      server = await start(({ server: keyStore, trust, password }) => ({
        'ssl.clientAuth': 'want',
        'ssl.keyStore.location': keyStore,
        'ssl.keyStore.password': password,
        'ssl.trustStore.location': trust,
        'ssl.trustStore.password': password,
      }))
    })
    afterAll(() => server[Symbol.asyncDispose]())

    test("Apache's Java client works with stores of the same kind", () => {
      const { client, trust, password } = server.pkcs12
      const store = {
        'ssl.trustStore.location': trust,
        'ssl.trustStore.password': password,
        'ssl.keyStore.location': client,
        'ssl.keyStore.password': password,
      }
      const lines = zkCli(server.securePort, store, JAVA_COMMANDS)
      expect(lines).toEqual(expect.arrayContaining([...JAVA_SAYS, `x509: ${NAME}`]))
    })

    test('who shows no certificate gets in, and who shows one of strangers does not', async () => {
      expect((await askSecurely(server)).text).toBe('imok')
      expect((await askSecurely(server, NOBODY)).text).toBe('imok')
      const { keyPem: key, chainPem: cert } = await stranger.issue({ commonName: 'client', use: 'client' })
      expect((await askSecurely(server, { key, cert })).text).toBe('')
    })

    test('a client has an identity when it shows a certificate', async () => {
      const { ca, cert, key } = server.tls.files
      for (const [tls, schemes] of [
        [{ ca }, ['ip']],
        [{ ca, cert: String(cert), key: String(key) }, ['ip', 'x509']],
      ] as const) {
        await using client = await connect(`127.0.0.1:${server.securePort}`, { tls })
        expect((await client.whoAmI()).map(({ scheme }) => scheme).sort()).toEqual(schemes)
      }
    })
  })
})
