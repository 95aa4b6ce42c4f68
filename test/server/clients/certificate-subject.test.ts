import { expect, test } from 'vitest'
import { certificateSubject } from '../../../src/server/clients/certificate-subject.ts'
import { certificateWith } from '../x509-certificates.ts'
import { clientIdentity } from '../../tls-certificates.ts'

/** Names as DER in base64, made by openssl, and what `X500Principal.getName()` of OpenJDK 17 prints of them. */
const NAMES: readonly (readonly [der: string, name: string])[] = [
  ['MB4xCzAJBgNVBAoMAkV4MQ8wDQYDVQQDDAZzZXJ2ZXI=', 'CN=server,O=Ex'],
  [
    'MFAxCzAJBgNVBAYTAkRFMRMwEQYDVQQIDApTb21lIFN0YXRlMQ0wCwYDVQQHDARDaXR5MREwDwYDVQQKDAhFeCwgSW5jLjEKMAgGA1UECwwBYQ==',
    'OU=a,O=Ex\\, Inc.,L=City,ST=Some State,C=DE',
  ],
  [
    'MGUxEzARBgoJkiaJk/IsZAEZFgNvcmcxFzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMRIwEAYKCZImiZPyLGQBAQwCdTExFDASBgkqhkiG9w0BCQEW' +
      'BWFAYi5jMQswCQYDVQQFEwIxMg==',
    '2.5.4.5=#13023132,1.2.840.113549.1.9.1=#16056140622e63,UID=u1,DC=example,DC=org',
  ],
  [
    'MDwxGzAZBgNVBAoMEiAgbGVhZCBhbmQgdHJhaWwgIDEdMBsGA1UEAwwUI2hhc2g9InEiIFxiYWNrO3NlbWk=',
    'CN=\\#hash\\=\\"q\\" \\\\back\\;semi,O=\\ \\ lead and trail\\ \\ ',
  ],
  ['MCcxCzAJBgNVBAoMAkV4MRgwCgYDVQQDDANvbmUwCgYDVQQLDAN0d28=', 'CN=one+OU=two,O=Ex'],
  ['MDExDjAMBgNVBAoMBcOcbsOvMQ8wDQYDVQQDDAblkI3liY0xDjAMBgNVBAkMBVdheSAx', 'STREET=Way 1,CN=名前,O=Ünï'],
  ['MCAxDzANBgNVBAMeBgBiAG0AcDENMAsGA1UECh4EAEUAeA==', 'O=\\00E\\00x,CN=\\00b\\00m\\00p'],
]

test.each(NAMES)('a subject reads as Java prints it: %s', (der, name) => {
  expect(certificateSubject(certificateWith(der))).toBe(name)
})

test('a real certificate gives its subject, and bytes that are none give nothing', () => {
  const der = Buffer.from(clientIdentity.chainPem.replaceAll(/-----.*-----|\s/g, ''), 'base64')
  expect(certificateSubject(der)).toBe('CN=client,O=zktune')
  expect(certificateSubject(Buffer.from('no certificate'))).toBeNull()
  for (let length = 0; length < 150; length++) expect(certificateSubject(der.subarray(0, length))).toBeNull()
})
