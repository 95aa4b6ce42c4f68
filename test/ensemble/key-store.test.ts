import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { readKeyStore, readTrustStore } from '../../src/ensemble/key-store.ts'
import { readPkcs12 } from '../../src/ensemble/pkcs12.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'
import type { StoreSettings } from '../../src/zoocfg/settings/tls-parts.ts'
import { authority, serverIdentity } from '../tls-certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'zktune-stores-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Made by openssl 3.0 and keytool 17 of one key with the certificates CN=server,O=Ex and CN=CA,O=Ex. */
const shipped = (name: string): string => fileURLToPath(new URL(`stores/${name}`, import.meta.url))

function file(name: string, ...parts: string[]): string {
  const path = join(folder, name)
  writeFileSync(path, parts.join(''))
  return path
}

function store(location: string | null, given: Partial<StoreSettings> = {}): StoreSettings {
  return { location, where: 'zoo.cfg:7', password: '', passwordPath: null, type: null, ...given }
}

const identityOf = (location: string | null, given: Partial<StoreSettings> = {}): string[] =>
  subjectsIn(readKeyStore(store(location, given), 'ssl.keyStore').chainPem)
const trustedIn = (location: string, given: Partial<StoreSettings> = {}): string[] =>
  subjectsIn(readTrustStore(store(location, given), 'ssl.trustStore'))

function subjectsIn(pem: string): string[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----)\n/)
    .filter((part) => part !== '')
    .map((part) => new X509Certificate(part).subject.replaceAll('\n', ','))
}

function faultOf(read: () => unknown): ZktuneError {
  try {
    read()
  } catch (error) {
    if (error instanceof ZktuneError) return error
    throw error
  }
  throw new Error('it was taken')
}

const { keyPem, chainPem } = serverIdentity
const encrypted = createPrivateKey(keyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'top secret' })
  .toString()

describe('a PEM key store', () => {
  test('is one file with the key and its chain, in any order', () => {
    const names = ['O=zktune,CN=server', 'O=zktune,CN=test authority']
    expect(identityOf(file('a.pem', keyPem, chainPem, authority.certificatePem))).toEqual(names)
    expect(identityOf(file('b.pem', chainPem, authority.certificatePem, keyPem))).toEqual(names)
    expect(identityOf(file('c.txt', keyPem, chainPem), { type: 'pem' })).toEqual(names.slice(0, 1))
  })

  test('may have an encrypted key, opened by the password or the first line of a file, which wins', () => {
    const path = file('encrypted.pem', encrypted, chainPem)
    const passwordPath = file('password', 'top secret\nmore\n')
    expect(readKeyStore(store(path, { password: 'top secret' }), 'ssl.keyStore').keyPem).toBe(keyPem)
    expect(readKeyStore(store(path, { password: 'wrong', passwordPath }), 'ssl.keyStore').keyPem).toBe(keyPem)
  })

  test('is refused with its name and what to do, and without its password', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const sec1 = other.export({ type: 'sec1', format: 'pem' }).toString()
    const faults = [
      faultOf(() => identityOf(file('no-key.pem', chainPem))),
      faultOf(() => identityOf(file('no-cert.pem', keyPem))),
      faultOf(() => identityOf(file('sec1.pem', sec1, chainPem))),
      faultOf(() => identityOf(file('other.pem', other.export({ type: 'pkcs8', format: 'pem' }).toString(), chainPem))),
      faultOf(() => identityOf(file('locked.pem', encrypted, chainPem))),
      faultOf(() => identityOf(file('locked.pem', encrypted, chainPem), { password: 'a wrong guess' })),
      faultOf(() => identityOf(file('cut.pem', keyPem, chainPem.slice(0, 200), '\n-----END CERTIFICATE-----\n'))),
    ]
    expect(faults.map(({ where, what, mend }) => `${where}: ${what}. ${mend}`.replaceAll(folder, '')))
      .toMatchInlineSnapshot(`
      [
        "/no-key.pem: there is no private key in it. Put the key (BEGIN PRIVATE KEY) before the certificates.",
        "/no-cert.pem: there is no certificate in it. Append the certificate, then its chain.",
        "/sec1.pem: its key is in the form "EC PRIVATE KEY", and only PKCS#8 is read, here as with Apache. Convert the key: openssl pkcs8 -topk8 -nocrypt -in /sec1.pem -out key.pem",
        "/other.pem: its key is not the one of its first certificate. Put the certificate of this key first.",
        "/locked.pem: its private key is encrypted, and no password is given. Set ssl.keyStore.passwordPath to a file that holds the password, or ssl.keyStore.password.",
        "/locked.pem: its private key cannot be read with the password given. Look at ssl.keyStore.password and ssl.keyStore.passwordPath: they must open the key in the file.",
        "/cut.pem: certificate 1 in it cannot be read. Make the file anew.",
      ]
    `)
    for (const fault of faults) expect(fault.message).not.toContain('a wrong guess')
  })
})

describe('a PKCS12 key store', () => {
  test.each(['openssl.p12', 'keytool.p12', 'triple-des.p12'])(
    '%s gives its key and what leads on from its certificate',
    (name) => {
      const { keyPem: key, chainPem: chain } = readKeyStore(
        store(shipped(name), { password: 'changeit' }),
        'ssl.keyStore',
      )
      expect(subjectsIn(chain)).toEqual(['O=Ex,CN=server', 'O=Ex,CN=CA'])
      const [own = ''] = chain.split(/(?<=-----END CERTIFICATE-----)\n/)
      expect(new X509Certificate(own).checkPrivateKey(createPrivateKey(key))).toBe(true)
    },
  )

  test('with a wrong password, RC2 or damage is refused', () => {
    const path = (name: string): string => shipped(name)
    const damaged = join(folder, 'damaged.p12')
    writeFileSync(damaged, readFileSync(path('openssl.p12')).subarray(0, 700))
    const faults = [
      faultOf(() => identityOf(path('openssl.p12'), { password: 'a wrong guess' })),
      faultOf(() => identityOf(path('rc2.p12'), { password: 'changeit' })),
      faultOf(() => identityOf(path('trust.p12'), { password: 'changeit' })),
      faultOf(() => identityOf(damaged, { password: 'changeit' })),
    ]
    expect(faults.map(({ what }) => what)).toMatchInlineSnapshot(`
      [
        "the file does not open with the password given",
        "the file is encrypted in a way that this platform does not have (old files use RC2)",
        "there is no private key in it",
        "the file is no PKCS12 file: an element of 1404 bytes where 696 are left",
      ]
    `)
    for (const fault of faults) expect(fault.message).not.toContain('a wrong guess')
  })

  test('that is damaged anywhere is refused or read, and nothing else happens', () => {
    const bytes = readFileSync(shipped('keytool.p12'))
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x20
      try {
        readPkcs12(damaged, 'changeit')
      } catch (error) {
        expect((error as Error).name).toBe('Pkcs12Error')
      }
    }
  })
})

test('a trust store gives every certificate in it', () => {
  expect(trustedIn(file('trust.pem', authority.certificatePem, chainPem))).toEqual([
    'O=zktune,CN=test authority',
    'O=zktune,CN=server',
  ])
  expect(trustedIn(shipped('trust.p12'), { password: 'changeit' })).toEqual(['O=Ex,CN=CA'])
  expect(faultOf(() => trustedIn(file('empty.pem', 'nothing\n'))).what).toBe('there is no certificate in it')
})

test('other kinds of store are refused with the command that converts them', () => {
  const jks = faultOf(() => identityOf('/etc/zookeeper/keys.jks'))
  expect(jks.where).toBe('zoo.cfg:7')
  expect(jks.mend).toContain(
    'keytool -importkeystore -srckeystore /etc/zookeeper/keys.jks -destkeystore /etc/zookeeper/keys.p12 -deststoretype PKCS12',
  )
  expect(faultOf(() => identityOf('keys.bcfks')).mend).toContain('-srcstoretype BCFKS')
  expect(faultOf(() => identityOf('keys')).mend).toContain('ssl.keyStore.type=PEM')
  expect(faultOf(() => identityOf('keys.pem', { type: 'ZIP' })).what).toBe('ssl.keyStore.type is "ZIP"')
  expect(faultOf(() => identityOf(null)).what).toBe('ssl.keyStore.location is not set')
  expect(faultOf(() => identityOf('/nowhere/keys.pem'))).toMatchObject({ code: 'DiskFailed', where: 'zoo.cfg:7' })
  expect(faultOf(() => identityOf(shipped('trust.p12'), { passwordPath: '/nowhere' })).what).toContain('/nowhere')
})
