import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls, { type ConnectionOptions } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { holdFreePorts } from '../../../../src/ensemble/ports.ts'
import { makeRunCertificates, type EnsembleTls } from '../../../../src/ensemble/run-certificates.ts'
import { nodeArguments } from '../../../../src/ensemble/server-process.ts'
import { poll, requirePackages, untilServing, ZOOKEEPER_CLASSPATH } from '../../servers-under-test.ts'

/** Debian's jar of ZooKeeper names some of Netty's parts, but not all that TLS needs. */
const NETTY = ['buffer', 'common', 'handler', 'transport', 'codec', 'resolver', 'transport-native-unix-common']
export const TLS_CLASSPATH = [ZOOKEEPER_CLASSPATH, ...NETTY.map((part) => `/usr/share/java/netty-${part}.jar`)].join(
  ':',
)
const STORE_PASSWORD = 'not-to-be-told'
const SILENCE_MS = 20_000

/** The stores of both sides in the form PKCS12, opened by `STORE_PASSWORD`. */
export interface Pkcs12Stores {
  readonly server: string
  readonly client: string
  readonly trust: string
  readonly password: string
}

/** One server, whoever made it, with a port in the clear and one with TLS. */
export interface SecureServer extends AsyncDisposable {
  readonly plainPort: number
  readonly securePort: number
  readonly tls: EnsembleTls
  readonly pkcs12: Pkcs12Stores
  /** All that it has printed. */
  log(): string
}

/** @param lines of zoo.cfg over those that it has anyway */
export type StartSecureServer = (
  lines?: (pkcs12: Pkcs12Stores) => Readonly<Record<string, string>>,
) => Promise<SecureServer>

export const startSecureApache: StartSecureServer = (lines) =>
  startSecure('java', lines, (config, folder) => [
    ...['-Xmx256m', '-cp', TLS_CLASSPATH, `-Dzookeeper.log.dir=${folder}`],
    ...['org.apache.zookeeper.server.quorum.QuorumPeerMain', config],
  ])

export const startSecureZktune: StartSecureServer = (lines) =>
  startSecure(process.execPath, lines, (config) => [
    ...nodeArguments(new URL('../../../../dist/ensemble/server-main.js', import.meta.url)),
    config,
  ])

async function startSecure(
  command: string,
  lines: Parameters<StartSecureServer>[0],
  wordsOf: (config: string, folder: string) => readonly string[],
): Promise<SecureServer> {
  requirePackages()
  const folder = mkdtempSync(join(tmpdir(), 'zktune-secure-'))
  const certificates = await makeRunCertificates(folder, 'mutual')
  const pkcs12 = pkcs12Stores(folder, certificates)
  const held = await holdFreePorts(2)
  const [plainPort = 0, securePort = 0] = held.ports
  await held.release()
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const all: Record<string, string> = {
    tickTime: '2000',
    dataDir,
    clientPort: String(plainPort),
    secureClientPort: String(securePort),
    serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
    '4lw.commands.whitelist': '*',
    'admin.enableServer': 'false',
    'ssl.keyStore.location': certificates.server.keyStore,
    'ssl.trustStore.location': certificates.server.trustStore,
    ...lines?.(pkcs12),
  }
  const config = join(folder, 'zoo.cfg')
  const text = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(config, text.join(''))
  const printed = join(folder, 'printed')
  const output = openSync(printed, 'a')
  const words = ['--pdeathsig', 'KILL', command, ...wordsOf(config, folder)]
  const child = spawn('setpriv', words, { stdio: ['ignore', output, output] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const server: SecureServer = {
    plainPort,
    securePort,
    tls: certificates,
    pkcs12,
    log: () => readFileSync(printed, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.kill('SIGKILL')) await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await Promise.race([untilServing(plainPort), exited.then(() => Promise.reject(new Error('it ended')))])
    return server
  } catch (error) {
    const heard = server.log()
    await server[Symbol.asyncDispose]()
    throw new Error(`the server did not come up:\n${heard}`, { cause: error })
  }
}

/** As people make them: keys by openssl, what is trusted by keytool, for Java insists on a mark of its own there. */
function pkcs12Stores(folder: string, { server, files }: EnsembleTls): Pkcs12Stores {
  const identity = (name: string, pem: string): string => {
    const path = join(folder, `${name}.p12`)
    execFileSync('openssl', ['pkcs12', '-export', '-in', pem, '-out', path, '-passout', `pass:${STORE_PASSWORD}`])
    return path
  }
  const trust = join(folder, 'trust.p12')
  const trustWords = ['-importcert', '-noprompt', '-alias', 'authority', '-file', files.ca]
  execFileSync('keytool', [...trustWords, '-keystore', trust, '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD], {
    stdio: 'ignore',
  })
  return {
    server: identity('server', server.keyStore),
    client: identity('client', String(files.keyStore)),
    trust,
    password: STORE_PASSWORD,
  }
}

/** What a client got that wrote `word` as soon as it could. */
export interface Heard {
  /** Empty when nothing came before the server closed. */
  readonly text: string
  /** What TLS agreed on; null in the clear, and for who did not get in. */
  readonly protocol: string | null
  readonly cipher: string | null
}

/** A client with TLS and, unless told otherwise, a certificate. */
export function askSecurely({ securePort, tls: { files, client } }: SecureServer, options: ConnectionOptions = {}) {
  const own = { ca: readFileSync(files.ca), key: client.identity?.keyPem, cert: client.identity?.chainPem }
  const socket = tls.connect({ host: '127.0.0.1', port: securePort, ...own, ...options })
  return heardOn(socket, 'secureConnect', 'ruok')
}

/** A client that knows nothing of TLS. Resolves when the server has closed, and rejects when it does not. */
export function askPlainly(port: number, bytes: string): Promise<Heard> {
  return heardOn(net.connect(port, '127.0.0.1'), 'connect', bytes)
}

function heardOn(socket: net.Socket, event: 'connect' | 'secureConnect', bytes: string): Promise<Heard> {
  let text = ''
  let agreed: Omit<Heard, 'text'> = { protocol: null, cipher: null }
  socket.once(event, () => {
    if (socket instanceof tls.TLSSocket) {
      agreed = { protocol: socket.getProtocol(), cipher: socket.getCipher().standardName }
    }
    socket.write(bytes, 'latin1')
  })
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => undefined) // `close` follows
  return new Promise((resolve, reject) => {
    socket.setTimeout(SILENCE_MS, () => {
      reject(new Error(`the server neither answered nor closed within ${SILENCE_MS} ms`))
      socket.destroy()
    })
    socket.once('close', () => resolve({ text, ...agreed }))
  })
}

/** Waits until the server has printed what matches. */
export async function untilLogged(server: SecureServer, pattern: RegExp): Promise<void> {
  await poll(SILENCE_MS, `${String(pattern)} in the log`, () => Promise.resolve(pattern.test(server.log()) || null))
}

export function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
