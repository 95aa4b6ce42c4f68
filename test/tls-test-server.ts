import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls, { type ConnectionOptions } from 'node:tls'
import { readServerFiles } from '../src/ensemble/server-files.ts'
import { startServer } from '../src/ensemble/start-server.ts'
import { authority, clientIdentity, serverIdentity } from './tls-certificates.ts'

const DEADLINE_MS = 20_000

/** What a client that asked `ruok` got. */
export interface Answer {
  /** Empty when it got in and heard nothing. */
  readonly text: string
  /** Of TLS; null in the clear, and for who did not get in. */
  readonly protocol: string | null
  readonly cipher: string | null
  /** The common name that the server showed. */
  readonly serverName: string | null
}

/** A server of ours by itself, in this process, from a zoo.cfg with TLS. */
export class TlsTestServer implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'zktune-tls-'))
  readonly notes: string[] = []
  #stop: () => Promise<void> = () => Promise.resolve()

  /** The lines that give it a key store and a trust store; the files lie in its folder. */
  storeLines(): Record<string, string> {
    return {
      'ssl.keyStore.location': this.file('server.pem', serverIdentity.keyPem, serverIdentity.chainPem),
      'ssl.trustStore.location': this.file('authority.pem', authority.certificatePem),
    }
  }

  file(name: string, ...parts: string[]): string {
    const path = join(this.folder, name)
    writeFileSync(path, parts.join(''))
    return path
  }

  /** @param lines of zoo.cfg, over those for a server with both ports */
  static async start(
    lines: (server: TlsTestServer) => Readonly<Record<string, string>> = () => ({}),
  ): Promise<TlsTestServer> {
    const server = new TlsTestServer()
    try {
      await server.#start(lines(server))
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  async #start(lines: Readonly<Record<string, string>>): Promise<void> {
    const dataDir = join(this.folder, 'data')
    mkdirSync(dataDir, { recursive: true })
    const all: Record<string, string> = {
      tickTime: '2000',
      dataDir,
      clientPort: '0',
      clientPortAddress: '127.0.0.1',
      secureClientPort: '0',
      secureClientPortAddress: '127.0.0.1',
      '4lw.commands.whitelist': '*',
      ...this.storeLines(),
      ...lines,
    }
    const text = Object.entries(all).map(([key, value]) => (value === '' ? '' : `${key}=${value}\n`))
    const { settings } = readServerFiles(this.file('zoo.cfg', ...text))
    await new Promise<void>((resolve, reject) => {
      const running = startServer(settings, {
        onNote: (note) => this.notes.push(note),
        onServing: () => resolve(),
        onFatal: reject,
      })
      this.#stop = () => running.stop()
    })
  }

  get plainPort(): number {
    return this.#portIn(/^listening for clients on .*:(\d+)$/)
  }

  get securePort(): number {
    return this.#portIn(/^listening for clients with TLS on .*:(\d+)$/)
  }

  /** Of a client with TLS and a certificate, unless told otherwise. */
  ask(options: ConnectionOptions = {}, port = this.securePort): Promise<Answer> {
    const { keyPem: key, chainPem: cert } = clientIdentity
    const ca = authority.certificatePem
    const socket = tls.connect({
      host: '127.0.0.1',
      port,
      ca,
      key,
      cert,
      checkServerIdentity: () => undefined,
      ...options,
    })
    return answerOn(socket, 'secureConnect', 'ruok')
  }

  askPlainly(word: string, port = this.plainPort): Promise<Answer> {
    return answerOn(net.connect({ host: '127.0.0.1', port }), 'connect', word)
  }

  /** One figure of mntr. */
  async figure(name: string): Promise<number> {
    const { text } = await this.askPlainly('mntr')
    return Number(new RegExp(`^zk_${name}\\t(\\S+)$`, 'm').exec(text)?.[1])
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + DEADLINE_MS
    while (!(await isSo())) {
      if (performance.now() > deadlineMs) throw new Error(`waited ${DEADLINE_MS} ms for ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #portIn(line: RegExp): number {
    for (const note of this.notes) {
      const port = line.exec(note)?.[1]
      if (port !== undefined) return Number(port)
    }
    throw new Error(`no such port in: ${this.notes.join('; ')}`)
  }
}

/** @param event when the word may be sent */
function answerOn(socket: net.Socket, event: 'connect' | 'secureConnect', word: string): Promise<Answer> {
  let text = ''
  let agreed: Omit<Answer, 'text'> = { protocol: null, cipher: null, serverName: null }
  socket.once(event, () => {
    if (socket instanceof tls.TLSSocket) {
      const { CN: name } = socket.getPeerCertificate().subject
      const serverName = typeof name === 'string' ? name : null
      agreed = { protocol: socket.getProtocol(), cipher: socket.getCipher().standardName, serverName }
    }
    socket.write(word)
  })
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.on('error', () => undefined) // `close` follows
  socket.setTimeout(DEADLINE_MS, () => socket.destroy())
  return new Promise((resolve) => socket.once('close', () => resolve({ text, ...agreed })))
}
