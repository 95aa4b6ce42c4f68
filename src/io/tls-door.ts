import type { Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { TlsRefusal, TlsServerOptions, TlsSession } from '../kernel/ports.ts'
import { plainHost } from './real-connection.ts'
import { tlsServerContext, tlsSessionOf } from './tls-context.ts'
import { tlsMeaningOf } from './tls-error.ts'

/** The first byte of a TLS record that opens a handshake. A ZooKeeper frame begins with 0, a four letter word with a letter. */
const HANDSHAKE_RECORD = 0x16

/** A socket whose handshake is under way. */
interface Knocking {
  /** Null as long as nothing is known to be wrong. */
  refusal: Pick<TlsRefusal, 'kind' | 'reason'> | null
}

/** @param session null for a client in the clear */
export type OnSocket = (socket: Socket, session: TlsSession | null) => void

/**
 * Lets clients in by TLS: they are announced when their handshake is through, and each one that does not get there is
 * closed within a bounded time and told of once.
 */
export class TlsDoor {
  #options: TlsServerOptions
  readonly #onSocket: OnSocket
  readonly #onRefusal: ((refusal: TlsRefusal) => void) | null
  #server: tls.Server
  /** By address and port of the client: the one thing that a raw socket and the TLS socket over it both tell. */
  readonly #knocking = new Map<string, Knocking>()
  /** Closed and not yet told of: why may still come, from a TLS socket that no longer knows its address. */
  readonly #unexplained: Knocking[] = []

  constructor(options: TlsServerOptions, onSocket: OnSocket, onRefusal: ((refusal: TlsRefusal) => void) | null) {
    this.#options = options
    this.#onSocket = onSocket
    this.#onRefusal = onRefusal
    this.#server = this.#makeServer(options)
  }

  /** For connections from now on; those under way end as they began. */
  setTls(options: TlsServerOptions): void {
    this.#server = this.#makeServer(options)
    this.#options = options
  }

  /** Handshakes under way. */
  get handshakes(): number {
    return this.#knocking.size
  }

  /** Takes a connection that was just accepted. */
  accept(socket: Socket): void {
    if (this.#options.mode === 'tls') this.#shakeHands(socket)
    else this.#listenFirst(socket)
  }

  /** Who opens with a TLS record gets TLS; who opens otherwise, or waits for the server to begin, speaks in the clear. */
  #listenFirst(socket: Socket): void {
    const decide = (): void => {
      const first: unknown = socket.read()
      if (first === null && !socket.destroyed && !socket.readableEnded) return // woken for nothing
      stop()
      if (!Buffer.isBuffer(first)) socket.destroy()
      else {
        socket.unshift(first)
        if (first[0] === HANDSHAKE_RECORD) this.#shakeHands(socket)
        else this.#onSocket(socket, null)
      }
    }
    const timer = setTimeout(() => {
      stop()
      this.#onSocket(socket, null)
    }, this.#options.detectionTimeoutMs)
    const onError = (): void => undefined // `close` follows
    const stop = (): void => {
      clearTimeout(timer)
      socket.off('readable', decide)
      socket.off('close', stop)
      socket.off('error', onError)
    }
    socket.on('readable', decide)
    socket.on('close', stop)
    socket.on('error', onError)
  }

  #shakeHands(socket: Socket): void {
    const remoteHost = plainHost(socket.remoteAddress)
    if (this.#knocking.size >= this.#options.handshakesMax) {
      socket.destroy()
      const reason = `came while ${this.#knocking.size} handshakes were under way`
      this.#onRefusal?.({ kind: 'limit', remoteHost, reason })
      return
    }
    const key = keyOf(socket)
    const knocking: Knocking = { refusal: null }
    this.#knocking.set(key, knocking)
    socket.once('close', () => {
      if (this.#knocking.get(key) !== knocking) return // it is through
      this.#knocking.delete(key)
      if (knocking.refusal === null) this.#unexplained.push(knocking)
      setImmediate(() => {
        const index = this.#unexplained.indexOf(knocking)
        if (index !== -1) this.#unexplained.splice(index, 1)
        const refusal = knocking.refusal ?? { kind: 'gone', reason: 'closed the connection during the TLS handshake' }
        this.#onRefusal?.({ ...refusal, remoteHost })
      })
    })
    this.#server.emit('connection', socket)
  }

  #makeServer(options: TlsServerOptions): tls.Server {
    const server = tls.createServer({
      ...tlsServerContext(options),
      requestCert: options.clientAuth !== 'none',
      // With `want` Node must let those without a certificate pass; the others are looked at below.
      rejectUnauthorized: options.clientAuth === 'need',
      handshakeTimeout: options.handshakeTimeoutMs,
    })
    server.on('secureConnection', (socket) => this.#onSecure(socket, options))
    server.on('tlsClientError', (error, socket) => {
      // Both sockets of a connection close in one go, and those of several one after the other.
      const knocking = this.#knocking.get(keyOf(socket)) ?? this.#unexplained.shift()
      if (knocking !== undefined) knocking.refusal ??= refusalOf(error, socket)
      socket.destroy()
    })
    return server
  }

  #onSecure(socket: TLSSocket, options: TlsServerOptions): void {
    const key = keyOf(socket)
    const fault = certificateFault(socket, options)
    if (fault !== null) {
      const knocking = this.#knocking.get(key)
      if (knocking !== undefined) knocking.refusal = { kind: 'certificate', reason: fault }
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    this.#knocking.delete(key)
    // A client that keeps renegotiating would cost this one thread a handshake each time; ZooKeeper refuses it too.
    socket.disableRenegotiation()
    this.#onSocket(socket, tlsSessionOf(socket))
  }
}

/** @returns what is wrong with the client's certificate; null when nothing is, or none is asked for */
function certificateFault(socket: TLSSocket, options: TlsServerOptions): string | null {
  if (options.clientAuth === 'none') return null
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return options.clientAuth === 'want' ? null : 'showed no certificate'
  if (!socket.authorized) return `showed a certificate that is not accepted (${String(socket.authorizationError)})`
  const host = plainHost(socket.remoteAddress)
  if (options.verifiesClientAddress && certificate.checkIP(host) === undefined) {
    return `showed a certificate that does not name its address ${host}`
  }
  return null
}

function refusalOf(error: Error, socket: TLSSocket): Pick<TlsRefusal, 'kind' | 'reason'> {
  const verdict: unknown = socket.authorizationError // typed as an Error, it is a code
  if (typeof verdict === 'string') {
    return { kind: 'certificate', reason: `showed a certificate that is not accepted (${verdict})` }
  }
  const code = 'code' in error ? error.code : ''
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT')
    return { kind: 'timeout', reason: 'did not finish the TLS handshake in time' }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_HTTP_REQUEST' || isNoRecord(code)) {
    return { kind: 'plaintext', reason: 'does not speak TLS, and this port speaks nothing else' }
  }
  if (code === 'ECONNRESET') return { kind: 'gone', reason: 'closed the connection during the TLS handshake' }
  const what = tlsMeaningOf(error)?.what ?? error.message
  return { kind: 'handshake', reason: `could not agree on TLS: ${what}` }
}

/** Reasons of OpenSSL for bytes that are no TLS record. */
function isNoRecord(code: unknown): boolean {
  return code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' || code === 'ERR_SSL_HTTPS_PROXY_REQUEST'
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}
