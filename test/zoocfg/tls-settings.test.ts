import { expect, test } from 'vitest'
import { noFindings } from '../../src/zoocfg/findings.ts'
import { SettingReader } from '../../src/zoocfg/setting-reader.ts'
import { readTlsSettings, type TlsSettings } from '../../src/zoocfg/settings/tls-settings.ts'

function read(lines: Readonly<Record<string, string>>): {
  readonly tls: TlsSettings
  readonly faults: string[]
  readonly remarks: string[]
} {
  const settings = new Map(Object.entries(lines).map(([key, value]) => [key, { key, value, where: 'zoo.cfg' }]))
  const findings = noFindings()
  const tls = readTlsSettings(new SettingReader(settings, findings), findings)
  return { tls, faults: findings.faults.map(({ what }) => what), remarks: findings.remarks.map(({ what }) => what) }
}

test('without a word TLS 1.2 and 1.3 with forward secrecy are on, and clients need a certificate', () => {
  const { tls, faults, remarks } = read({})
  expect([faults, remarks]).toEqual([[], []])
  expect(tls).toMatchObject({
    clientAuth: 'need',
    versions: ['TLSv1.2', 'TLSv1.3'],
    verifiesClientAddress: false,
    unifiesPorts: false,
    detectionTimeoutMs: 5_000,
    handshakesMax: 10_000,
    reloadsCertificates: false,
    checksRevocation: null,
  })
  expect(tls.cipherSuites.map(({ iana }) => iana).filter((name) => !/^TLS_(ECDHE_|AES|CHACHA)/.test(name))).toEqual([])
})

test('ssl.enabledProtocols decides, and without it ssl.protocol, as with Apache', () => {
  expect(read({ 'ssl.protocol': 'TLSv1.2' }).tls.versions).toEqual(['TLSv1.2'])
  expect(read({ 'ssl.protocol': 'TLSv1.3' }).tls.versions).toEqual(['TLSv1.3'])
  expect(read({ 'ssl.protocol': 'TLS' }).tls.versions).toEqual(['TLSv1.2', 'TLSv1.3'])
  const both = { 'ssl.protocol': 'TLSv1.2', 'ssl.enabledProtocols': ' TLSv1.3 , TLSv1.2 ' }
  expect(read(both).tls.versions).toEqual(['TLSv1.2', 'TLSv1.3'])
})

test('versions that Java no longer speaks are dropped with a word, and unknown ones refused', () => {
  const old = read({ 'ssl.enabledProtocols': 'TLSv1.1,TLSv1.2' })
  expect(old.tls.versions).toEqual(['TLSv1.2'])
  expect(old.remarks).toEqual(['ssl.enabledProtocols names TLSv1.1, which no connection gets, here as with Java 17'])
  expect(read({ 'ssl.enabledProtocols': 'TLSv1,TLSv1.1' }).faults).toHaveLength(1)
  expect(read({ 'ssl.enabledProtocols': 'TLSv1.4' }).faults).toEqual(['ssl.enabledProtocols names "TLSv1.4"'])
  expect(read({ 'ssl.protocol': 'QUIC' }).faults).toEqual(['ssl.protocol names "QUIC"'])
})

test("ssl.ciphersuites takes Java's names in the order of the list", () => {
  const list = 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA'
  expect(read({ 'ssl.ciphersuites': list }).tls.cipherSuites.map(({ openssl }) => openssl)).toEqual([
    'ECDHE-RSA-AES256-GCM-SHA384',
    'TLS_AES_128_GCM_SHA256',
    'AES128-SHA',
  ])
  expect(read({ 'ssl.ciphersuites': 'ECDHE-RSA-AES256-GCM-SHA384' }).faults).toEqual([
    'ssl.ciphersuites names "ECDHE-RSA-AES256-GCM-SHA384", which the built-in engine does not have',
  ])
  const neverMet = { 'ssl.ciphersuites': 'TLS_AES_128_GCM_SHA256', 'ssl.enabledProtocols': 'TLSv1.2' }
  expect(read(neverMet).faults).toEqual(['ssl.ciphersuites has no suite of TLSv1.2'])
})

test('ssl.clientAuth is one of three words in any case; another is refused as by Apache', () => {
  expect(read({ 'ssl.clientAuth': 'WANT' }).tls.clientAuth).toBe('want')
  expect(read({ 'ssl.clientAuth': '' }).tls.clientAuth).toBe('need')
  expect(read({ 'ssl.clientAuth': 'maybe' }).faults).toEqual(['ssl.clientAuth is "maybe"'])
})

test('the address of a client is looked at only when both switches say so', () => {
  const on = { 'ssl.clientHostnameVerification': 'true' }
  expect(read(on).tls.verifiesClientAddress).toBe(true)
  expect(read({ ...on, 'ssl.hostnameVerification': 'false' }).tls.verifiesClientAddress).toBe(false)
})
