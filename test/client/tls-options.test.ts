import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readClientTls } from '../../src/io/client-tls.ts'
import { authority, clientIdentity } from '../tls-certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'zktune-client-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { keyPem, chainPem } = clientIdentity
const encrypted = createPrivateKey(keyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'top secret' })
  .toString()

test('keys and certificates are given as PEM or by path, the key in the file of the certificate too', () => {
  const path = join(folder, 'client.pem')
  writeFileSync(path, keyPem + chainPem)
  const byValue = readClientTls({ ca: authority.certificatePem, cert: chainPem, key: keyPem })
  expect(byValue).toMatchObject({ authorityPem: authority.certificatePem, verifiesHost: true })
  expect(byValue.identity).toEqual({ keyPem, chainPem })
  expect(readClientTls({ cert: path }).identity?.keyPem).toBe(keyPem)
  expect(readClientTls({ cert: chainPem, key: encrypted, passphrase: 'top secret' }).identity?.keyPem).toBe(keyPem)
  expect(readClientTls({})).toMatchObject({ authorityPem: null, identity: null })
})

test('what cannot be read is named, without keys and passwords', () => {
  const messages = [
    { ca: '/nowhere/ca.pem' },
    { ca: keyPem },
    { key: keyPem },
    { cert: chainPem },
    { cert: chainPem, key: encrypted },
    { cert: chainPem, key: encrypted, passphrase: 'a wrong guess' },
  ].map((options) => {
    try {
      readClientTls(options)
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  })
  expect(messages).toEqual([
    'tls.ca (/nowhere/ca.pem): no such file or folder (ENOENT). Check the path, and that its disk is mounted.',
    'tls.ca: it holds no certificate as PEM. Give PEM (BEGIN …), or the path of a file that holds it.',
    'tls.key: there is a key, but no certificate. Give tls.cert too.',
    'tls.key: it holds no private key as PEM. Give PEM (BEGIN …), or the path of a file that holds it.',
    ...Array.from({ length: 2 }, () => {
      const mend = 'Give tls.passphrase when the key is encrypted, and the key itself as PEM.'
      return `tls.key: the private key cannot be read. ${mend}`
    }),
  ])
})
