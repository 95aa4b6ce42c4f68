import net from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { RealNetwork } from '../../src/io/real-network.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'
import type { Connection, Listener, TlsClientOptions, TlsRefusal, TlsServerOptions } from '../../src/kernel/ports.ts'
import { authority, clientIdentity, serverIdentity, stranger, tlsClient, tlsServer } from '../tls-certificates.ts'
import { Recorder } from './recorder.ts'

const HOST = '127.0.0.1'
const network = new RealNetwork()
const open: { close(): void }[] = []

afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

/** A listener that answers nothing, and notes who came and who did not get in. */
class Door {
  readonly announced: Recorder[] = []
  readonly refusals: TlsRefusal[] = []
  listener: Listener | null = null
  #wake: () => void = () => undefined

  static async open(options: Partial<TlsServerOptions> = {}): Promise<Door> {
    const door = new Door()
    await new Promise<void>((resolve, reject) => {
      network.listen(
        {
          host: HOST,
          port: 0,
          backlog: null,
          tls: tlsServer(options),
          onTlsRefusal: (refusal) => {
            door.refusals.push(refusal)
            door.#wake()
          },
        },
        (connection) => {
          door.announced.push(record(connection))
          door.#wake()
        },
        (result) => {
          if (result instanceof Error) return reject(result)
          open.push({ close: () => result.close(() => undefined) })
          door.listener = result
          resolve()
        },
      )
    })
    return door
  }

  get port(): number {
    return this.listener?.port ?? 0
  }

  async next(): Promise<Recorder> {
    return await this.#first('a connection', this.announced)
  }

  async refusal(): Promise<TlsRefusal> {
    return await this.#first('a refusal', this.refusals)
  }

  async #first<T>(what: string, list: readonly T[]): Promise<T> {
    const deadlineMs = performance.now() + 10_000
    for (;;) {
      const first = list[0]
      if (first !== undefined) return first
      if (performance.now() > deadlineMs) throw new Error(`waited 10 s for ${what}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

function record(connection: Connection): Recorder {
  open.push({ close: () => connection.destroy() })
  return new Recorder(connection)
}

function connect(port: number, options: Partial<TlsClientOptions> = {}, host = HOST): Promise<Recorder> {
  return new Promise((resolve, reject) => {
    network.connect({ host, port, timeoutMs: 5_000, tls: tlsClient(options) }, (result) => {
      if (result instanceof Error) reject(result)
      else resolve(record(result))
    })
  })
}

/** @returns the words of the error with which connecting, or the connection, ends */
async function failureOf(port: number, options: Partial<TlsClientOptions> = {}): Promise<string> {
  try {
    // With TLS 1.3 a client is through before the server has looked at its certificate.
    const client = await connect(port, options)
    await client.until('the end', () => client.closes.length > 0)
    return client.closes[0]?.message ?? 'closed'
  } catch (error) {
    expect(error).toBeInstanceOf(ZktuneError)
    return (error as ZktuneError).message
  }
}

function plainSocket(port: number, bytes: string): { socket: net.Socket; closed: Promise<string> } {
  const socket = net.connect(port, HOST)
  open.push({ close: () => socket.destroy() })
  let heard = ''
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.write(bytes, 'latin1')
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve(heard))) }
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('with %s', (version) => {
  const only = { minVersion: version, maxVersion: version }

  test('bytes travel both ways, and each side knows what was agreed on and who the other is', async () => {
    const door = await Door.open(only)
    const client = await connect(door.port)
    client.connection.write(Buffer.from('ping'))
    const server = await door.next()
    await server.until('ping', () => server.text === 'ping')
    server.connection.write(Buffer.from('pong'))
    await client.until('pong', () => client.text === 'pong')
    expect(server.connection.remoteHost).toBe(HOST)
    expect(client.connection.tls?.protocol).toBe(version)
    expect(client.connection.tls?.cipher).toMatch(/^TLS_/)
    expect(server.connection.tls?.cipher).toBe(client.connection.tls?.cipher)
    const der = (pem: string): string => pem.replaceAll(/-----.*-----|\s/g, '')
    const shown = (each: Recorder): string => Buffer.from(each.connection.tls?.peerCertificate ?? []).toString('base64')
    expect(shown(server)).toBe(der(clientIdentity.chainPem))
    expect(shown(client)).toBe(der(serverIdentity.chainPem))
  })

  test('end sends what is buffered, and both sides hear of a clean close', async () => {
    const door = await Door.open(only)
    const client = await connect(door.port)
    const server = await door.next()
    const big = Buffer.alloc(2 * 1024 * 1024, 'x')
    server.connection.write(big)
    server.connection.end()
    await client.until('the close', () => client.closes.length > 0)
    await server.until('the close', () => server.closes.length > 0)
    expect(client.text.length).toBe(big.length)
    expect([client.closes, server.closes]).toEqual([[null], [null]])
  })

  test('a sender hears when to wait, and when to go on', async () => {
    const door = await Door.open(only)
    const client = await connect(door.port)
    const server = await door.next()
    server.connection.pause()
    while (client.connection.write(Buffer.alloc(64 * 1024)));
    expect(client.drains).toBe(0)
    server.connection.resume()
    await client.until('a drain', () => client.drains > 0)
  })

  test('who must show a certificate and does not is refused', async () => {
    const door = await Door.open(only)
    expect(await failureOf(door.port, { identity: null })).toMatch(/certificate/)
    expect(await door.refusal()).toMatchObject({ kind: 'handshake', remoteHost: HOST })
    expect(door.announced).toEqual([])
  })

  test.each(['need', 'want'] as const)(
    'a certificate that is not trusted is refused, clientAuth=%s',
    async (clientAuth) => {
      const door = await Door.open({ ...only, clientAuth, authorityPem: stranger.certificatePem })
      await failureOf(door.port)
      expect((await door.refusal()).kind).toBe('certificate')
      expect(door.announced).toEqual([])
    },
  )

  test('the issuer that stands behind the own certificate vouches for no client', async () => {
    const { keyPem, chainPem } = serverIdentity
    const identity = { keyPem, chainPem: chainPem + authority.certificatePem }
    const door = await Door.open({ ...only, identity, authorityPem: stranger.certificatePem })
    await failureOf(door.port)
    expect((await door.refusal()).kind).toBe('certificate')
    expect(door.announced).toEqual([])
  })

  test('with clientAuth=want a client may come without a certificate, and with none nobody is asked', async () => {
    const door = await Door.open({ ...only, clientAuth: 'want' })
    await connect(door.port, { identity: null })
    expect((await door.next()).connection.tls?.peerCertificate).toBeNull()
    const open = await Door.open({ ...only, clientAuth: 'none' })
    await connect(open.port)
    expect((await open.next()).connection.tls?.peerCertificate).toBeNull()
  })

  test('a certificate that has expired is refused on either side', async () => {
    const validity = { from: new Date(Date.now() - 2 * 86_400_000), until: new Date(Date.now() - 86_400_000) }
    const old = await authority.issue({ commonName: 'old', use: 'client', validity })
    const door = await Door.open(only)
    await failureOf(door.port, { identity: old })
    expect((await door.refusal()).reason).toContain('CERT_HAS_EXPIRED')
    const oldServer = await authority.issue({ commonName: 'old', use: 'server', validity })
    const other = await Door.open({ ...only, identity: oldServer })
    expect(await failureOf(other.port)).toContain('has expired')
  })

  test('a client does not go on with a server that it does not trust, or that is another', async () => {
    const door = await Door.open(only)
    expect(await failureOf(door.port, { authorityPem: stranger.certificatePem })).toContain('leads to no authority')
    const altNames = { names: ['elsewhere'], addresses: ['192.0.2.1'] }
    const elsewhere = await authority.issue({ commonName: 'elsewhere', use: 'server', altNames })
    const other = await Door.open({ ...only, identity: elsewhere })
    expect(await failureOf(other.port)).toContain('not for this host')
    await connect(other.port, { verifiesHost: false })
  })

  test('a client whose certificate does not name its address is refused when that is asked for', async () => {
    const altNames = { names: ['client.example'], addresses: ['192.0.2.1'] }
    const elsewhere = await authority.issue({ commonName: 'elsewhere', use: 'client', altNames })
    const door = await Door.open({ ...only, verifiesClientAddress: true })
    await failureOf(door.port, { identity: elsewhere })
    expect(await door.refusal()).toMatchObject({ kind: 'certificate' })
    await connect(door.port)
    await door.next()
  })
})

test('the two sides must have a version and a cipher suite in common', async () => {
  const old = await Door.open({ maxVersion: 'TLSv1.2' })
  expect(await failureOf(old.port, { minVersion: 'TLSv1.3' })).toContain('no version of TLS in common')
  expect((await old.refusal()).kind).toBe('handshake')
  const choosy = await Door.open({ maxVersion: 'TLSv1.2', ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'] })
  const client = await connect(choosy.port)
  expect(client.connection.tls?.cipher).toBe('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
  const failure = await failureOf(choosy.port, { ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'] })
  expect(failure).toContain('cipher suite')
})

test('text in the clear on a TLS port is refused and told of', async () => {
  const door = await Door.open()
  // A ConnectRequest as ZooKeeper's clients send it.
  const { closed } = plainSocket(door.port, `\0\0\0\x2c${'\0'.repeat(44)}`)
  expect(await closed).not.toContain('\0\0\0\x2c')
  expect(await door.refusal()).toMatchObject({ kind: 'plaintext', remoteHost: HOST })
})

test('TLS to a port that speaks none fails with words that say so', async () => {
  const server = net.createServer((socket) => socket.end('not TLS at all'))
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  open.push({ close: () => server.close() })
  const address = server.address() as net.AddressInfo
  expect(await failureOf(address.port)).toContain('the other side does not speak TLS')
  const closing = net.createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => closing.listen(0, HOST, resolve))
  open.push({ close: () => closing.close() })
  expect(await failureOf((closing.address() as net.AddressInfo).port)).toMatch(/secureClientPort|reset/)
})

test('a handshake that stalls is closed in time', async () => {
  const door = await Door.open({ handshakeTimeoutMs: 50 })
  const { closed } = plainSocket(door.port, 'ruok') // less than the head of a TLS record
  await closed
  expect(await door.refusal()).toMatchObject({ kind: 'timeout' })
})

test('no more handshakes than allowed are under way, and those behind get in when there is room', async () => {
  const door = await Door.open({ handshakesMax: 2 })
  const first = plainSocket(door.port, '')
  const second = plainSocket(door.port, '')
  await Promise.all([first, second].map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
  await failureOf(door.port)
  expect(await door.refusal()).toMatchObject({ kind: 'limit' })
  first.socket.destroy()
  await first.closed
  await new Promise((resolve) => setTimeout(resolve, 20))
  await connect(door.port)
  await door.next()
})

test('a client that gives up during its handshake is told of, once', async () => {
  const door = await Door.open()
  const { socket } = plainSocket(door.port, '\x16\x03\x01')
  socket.once('connect', () => socket.destroy())
  expect(await door.refusal()).toMatchObject({ kind: 'gone', remoteHost: HOST })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(door.refusals).toHaveLength(1)
})

test('a port for either takes TLS and text, and who waits for the server to begin', async () => {
  const door = await Door.open({ mode: 'either', detectionTimeoutMs: 50 })
  const client = await connect(door.port)
  client.connection.write(Buffer.from('secret'))
  const server = await door.next()
  await server.until('secret', () => server.text === 'secret')
  expect(server.connection.tls).not.toBeNull()

  door.announced.length = 0
  plainSocket(door.port, 'ruok')
  const plain = await door.next()
  await plain.until('ruok', () => plain.text === 'ruok')
  expect(plain.connection.tls).toBeNull()

  door.announced.length = 0
  const { socket } = plainSocket(door.port, '')
  const silent = await door.next()
  socket.write('late')
  await silent.until('late', () => silent.text === 'late')
  expect(silent.connection.tls).toBeNull()

  door.announced.length = 0
  plainSocket(door.port, '').socket.end()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(door.announced).toEqual([])
})

test('new connections get the certificate that was set last', async () => {
  const door = await Door.open({ clientAuth: 'none' })
  const before = await connect(door.port)
  const renewed = await authority.issue({ commonName: 'renewed', use: 'server' })
  door.listener?.setTls(tlsServer({ clientAuth: 'none', identity: renewed }))
  const after = await connect(door.port)
  expect(subjectOf(before)).toContain('CN=server')
  expect(subjectOf(after)).toContain('CN=renewed')
  before.connection.write(Buffer.from('still here'))
  const server = await door.next()
  await server.until('the old connection', () => server.text === 'still here')
})

test('a client may not renegotiate', async () => {
  const door = await Door.open({ maxVersion: 'TLSv1.2', clientAuth: 'none' })
  const socket = tls.connect({ host: HOST, port: door.port, ca: authority.certificatePem, servername: 'localhost' })
  open.push({ close: () => socket.destroy() })
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: Error) => resolve(error.message))
    socket.once('close', () => resolve('closed'))
  })
  socket.renegotiate({}, () => undefined)
  expect(await ended).toMatch(/renegotiation|closed/)
})

function subjectOf(client: Recorder): string {
  return Buffer.from(client.connection.tls?.peerCertificate ?? [])
    .toString('latin1')
    .includes('renewed')
    ? 'CN=renewed'
    : 'CN=server'
}
