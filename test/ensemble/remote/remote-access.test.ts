import { expect, test } from 'vitest'
import { readAccess } from '../../../src/ensemble/remote/remote-access.ts'

const TLS = { ca: null, cert: null, key: null, passphraseFile: null, verifiesHost: true }
const NOWHERE = '/nowhere/at-all.pem'

test.each([
  ['--tls-ca', { tls: { ...TLS, ca: NOWHERE }, authFile: null, adminPort: 8080 }],
  ['--tls-cert', { tls: { ...TLS, cert: NOWHERE }, authFile: null, adminPort: 8080 }],
  ['--tls-passphrase-file', { tls: { ...TLS, passphraseFile: NOWHERE }, authFile: null, adminPort: 8080 }],
  ['--auth-file', { tls: null, authFile: NOWHERE, adminPort: 8080 }],
])('a file that is not there is a mistake of %s, by that name', (flag, access) => {
  expect(() => readAccess(access)).toThrow(
    expect.objectContaining({ code: 'BadConfigValue', where: `${flag} (${NOWHERE})` }) as Error,
  )
})
