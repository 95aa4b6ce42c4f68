import { createPrivateKey } from 'node:crypto'
import net from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { connect, Permission, type Acl } from '../../src/index.ts'
import { authority, clientIdentity, serverIdentity, stranger } from '../tls-certificates.ts'
import { TlsTestServer } from '../tls-test-server.ts'
import type { Observations } from './observation.ts'

/** Made by openssl and keytool; the password is `changeit`. */
const shipped = (name: string): string => fileURLToPath(new URL(`../ensemble/stores/${name}`, import.meta.url))
const lockedKey = createPrivateKey(serverIdentity.keyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'top secret' })
  .toString()

const locked = (server: TlsTestServer): Record<string, string> => ({
  'ssl.keyStore.location': server.file('locked.pem', lockedKey, serverIdentity.chainPem),
})
const unnamed = (server: TlsTestServer, which: 'keyStore' | 'trustStore'): Record<string, string> => {
  const parts = which === 'keyStore' ? [serverIdentity.keyPem, serverIdentity.chainPem] : [authority.certificatePem]
  return { [`ssl.${which}.location`]: server.file('store.bin', ...parts) }
}
const trustFile = { 'ssl.trustStore.location': shipped('trust.p12') }

/** A client that comes from elsewhere, as its certificate has it. */
async function asStranger(server: TlsTestServer): Promise<string> {
  const altNames = { names: ['elsewhere'], addresses: ['192.0.2.1'] }
  const { keyPem, chainPem } = await authority.issue({ commonName: 'elsewhere', use: 'client', altNames })
  return (await server.ask({ key: keyPem, cert: chainPem })).text
}

export const tlsObservations: Observations = {
  secureClientPort: async () => {
    await using server = await TlsTestServer.start()
    expect((await server.ask()).text).toBe('imok')
    await using plain = await TlsTestServer.start(() => ({ secureClientPort: '', secureClientPortAddress: '' }))
    expect(() => plain.securePort).toThrow('no such port')
  },

  secureClientPortAddress: async () => {
    await using server = await TlsTestServer.start(() => ({ secureClientPortAddress: '127.0.0.2' }))
    expect((await server.ask({ host: '127.0.0.2' })).text).toBe('imok')
    expect((await server.ask({ host: '127.0.0.1' })).protocol).toBeNull()
  },

  'client.portUnification': async () => {
    await using server = await TlsTestServer.start(() => ({ 'client.portUnification': 'true' }))
    expect((await server.ask({}, server.plainPort)).text).toBe('imok')
    expect((await server.askPlainly('ruok')).text).toBe('imok')
    await using plain = await TlsTestServer.start()
    expect((await plain.ask({}, plain.plainPort)).protocol).toBeNull()
  },

  'client.certReload': async () => {
    await using server = await TlsTestServer.start(() => ({ 'client.certReload': 'true' }))
    expect((await server.ask()).serverName).toBe('server')
    server.file('server.pem', 'half a file')
    await server.until('the note', () => server.notes.some((note) => note.includes('are not used')))
    expect((await server.ask()).serverName).toBe('server')
    const renewed = await authority.issue({ commonName: 'renewed', use: 'server' })
    server.file('server.pem', renewed.keyPem, renewed.chainPem)
    await server.until('the new certificate', async () => (await server.ask()).serverName === 'renewed')
  },

  'ssl.ciphersuites': async () => {
    const suite = 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA'
    await using server = await TlsTestServer.start(() => ({ 'ssl.ciphersuites': suite }))
    expect(await server.ask()).toMatchObject({ text: 'imok', protocol: 'TLSv1.2', cipher: suite })
  },

  'ssl.clientAuth': async () => {
    const nobody = { key: undefined, cert: undefined }
    for (const [clientAuth, text] of [
      ['need', ''],
      ['want', 'imok'],
      ['none', 'imok'],
    ] as const) {
      await using server = await TlsTestServer.start(() => ({ 'ssl.clientAuth': clientAuth }))
      expect((await server.ask(nobody)).text).toBe(text)
    }
  },

  'ssl.clientHostnameVerification': async () => {
    await using server = await TlsTestServer.start(() => ({ 'ssl.clientHostnameVerification': 'true' }))
    expect(await asStranger(server)).toBe('')
    await using other = await TlsTestServer.start()
    expect(await asStranger(other)).toBe('imok')
  },

  'ssl.hostnameVerification': async () => {
    const off = { 'ssl.clientHostnameVerification': 'true', 'ssl.hostnameVerification': 'false' }
    await using server = await TlsTestServer.start(() => off)
    expect(await asStranger(server)).toBe('imok')
  },

  'ssl.enabledProtocols': async () => {
    await using server = await TlsTestServer.start(() => ({ 'ssl.enabledProtocols': 'TLSv1.3' }))
    expect((await server.ask({ maxVersion: 'TLSv1.2' })).text).toBe('')
    expect((await server.ask()).protocol).toBe('TLSv1.3')
    await using both = await TlsTestServer.start()
    expect((await both.ask({ maxVersion: 'TLSv1.2' })).protocol).toBe('TLSv1.2')
    expect((await both.ask()).protocol).toBe('TLSv1.3')
  },

  'ssl.protocol': async () => {
    await using server = await TlsTestServer.start(() => ({ 'ssl.protocol': 'TLSv1.2' }))
    expect((await server.ask()).protocol).toBe('TLSv1.2')
    expect((await server.ask({ minVersion: 'TLSv1.3' })).text).toBe('')
  },

  'ssl.handshakeDetectionTimeoutMillis': async () => {
    const unified = { 'client.portUnification': 'true' }
    const quick = { ...unified, 'ssl.handshakeDetectionTimeoutMillis': '30' }
    await using server = await TlsTestServer.start(() => quick)
    await using patient = await TlsTestServer.start(() => unified)
    const silent = [server, patient].map(({ plainPort }) => net.connect(plainPort, '127.0.0.1'))
    // The silent client becomes a connection of the server once the time is over.
    await server.until('the silent client', async () => (await server.figure('num_alive_connections')) === 2)
    expect(await patient.figure('num_alive_connections')).toBe(1)
    for (const socket of silent) socket.destroy()
  },

  'ssl.keyStore.location': async () => {
    const other = await authority.issue({ commonName: 'other', use: 'server' })
    await using server = await TlsTestServer.start((made) => ({
      'ssl.keyStore.location': made.file('other.pem', other.keyPem, other.chainPem),
    }))
    expect((await server.ask()).serverName).toBe('other')
    await expect(TlsTestServer.start(() => ({ 'ssl.keyStore.location': '' }))).rejects.toThrow('location is not set')
  },

  'ssl.keyStore.password': async () => {
    await using server = await TlsTestServer.start((made) => ({
      ...locked(made),
      'ssl.keyStore.password': 'top secret',
    }))
    expect((await server.ask()).text).toBe('imok')
    await expect(TlsTestServer.start(locked)).rejects.toThrow('no password is given')
  },

  'ssl.keyStore.passwordPath': async () => {
    await using server = await TlsTestServer.start((made) => ({
      ...locked(made),
      'ssl.keyStore.password': 'not this one',
      'ssl.keyStore.passwordPath': made.file('password', 'top secret\n'),
    }))
    expect((await server.ask()).text).toBe('imok')
  },

  'ssl.keyStore.type': async () => {
    await using server = await TlsTestServer.start((made) => ({
      ...unnamed(made, 'keyStore'),
      'ssl.keyStore.type': 'PEM',
    }))
    expect((await server.ask()).text).toBe('imok')
    await expect(TlsTestServer.start((made) => unnamed(made, 'keyStore'))).rejects.toThrow('what kind of file')
  },

  'ssl.trustStore.location': async () => {
    await using server = await TlsTestServer.start((made) => ({
      'ssl.trustStore.location': made.file('stranger.pem', stranger.certificatePem),
    }))
    expect((await server.ask()).text).toBe('')
    expect(await server.figure('unsuccessful_handshake')).toBe(1)
    const friend = await stranger.issue({ commonName: 'friend', use: 'client' })
    expect((await server.ask({ key: friend.keyPem, cert: friend.chainPem })).text).toBe('imok')
  },

  'ssl.trustStore.password': async () => {
    const opened = { ...trustFile, 'ssl.trustStore.password': 'changeit' }
    // The authority in it signed nothing of ours: that the store opens shows by whom it keeps out.
    await using server = await TlsTestServer.start(() => opened)
    expect((await server.ask()).text).toBe('')
    await expect(TlsTestServer.start(() => trustFile)).rejects.toThrow('does not open')
  },

  'ssl.trustStore.passwordPath': async () => {
    await using server = await TlsTestServer.start((made) => ({
      ...trustFile,
      'ssl.trustStore.passwordPath': made.file('password', 'changeit\n'),
    }))
    expect((await server.ask()).text).toBe('')
  },

  'ssl.trustStore.type': async () => {
    await using server = await TlsTestServer.start((made) => ({
      ...unnamed(made, 'trustStore'),
      'ssl.trustStore.type': 'pem',
    }))
    expect((await server.ask()).text).toBe('imok')
    await expect(TlsTestServer.start((made) => unnamed(made, 'trustStore'))).rejects.toThrow('what kind of file')
  },

  'X509AuthenticationProvider.superUser': async () => {
    const superUser = { 'X509AuthenticationProvider.superUser': 'CN=client,O=zktune' }
    const hidden: Acl[] = [{ perms: Permission.all, scheme: 'x509', id: 'CN=nobody' }]
    for (const [lines, canRead] of [
      [{}, false],
      [superUser, true],
    ] as const) {
      await using server = await TlsTestServer.start(() => lines)
      const tls = { ca: authority.certificatePem, cert: clientIdentity.chainPem, key: clientIdentity.keyPem }
      await using client = await connect(`127.0.0.1:${server.securePort}`, { tls })
      await client.create('/hidden', 'x', { acl: hidden })
      const read = client.getData('/hidden').then(
        () => true,
        () => false,
      )
      expect(await read).toBe(canRead)
    }
  },

  'netty.server.outstandingHandshake.limit': async () => {
    await using server = await TlsTestServer.start(() => ({ 'netty.server.outstandingHandshake.limit': '1' }))
    const slow = net.connect(server.securePort, '127.0.0.1')
    await new Promise((resolve) => slow.once('connect', resolve))
    expect((await server.ask()).protocol).toBeNull()
    expect(await server.figure('tls_handshake_exceeded')).toBe(1)
    slow.destroy()
    await server.until('room for a handshake', async () => (await server.ask()).text === 'imok')
  },
}
