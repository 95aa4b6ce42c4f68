import { randomBytes } from 'node:crypto'
import { endpointText, parseConnectString, type ConnectString } from '../../client/connect-string.ts'
import { ZooKeeperClient } from '../../client/zookeeper-client.ts'
import { ZooKeeperError } from '../../client/zookeeper-error.ts'
import { RealClock } from '../../io/real-clock.ts'
import { RealEntropy } from '../../io/real-entropy.ts'
import { RealNetwork } from '../../io/real-network.ts'
import { ZktuneError } from '../../kernel/errors.ts'
import type { PlannedRemote } from '../../profile/engine.ts'
import { WireError } from '../../protocol/wire-error.ts'
import type { Ensemble, RunningServer, ServerCounters, Software } from '../ensemble.ts'
import type { ServerEvent } from '../server-event.ts'
import { readAccess, type ReadAccess } from './remote-access.ts'
import { removeTree } from './remove-tree.ts'
import { reportOf, type ServerReport } from './server-report.ts'

const ASK_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 15_000
const SESSION_TIMEOUT_MS = 30_000
/** An ensemble that is in trouble while it is measured gets this long to let us tidy up. */
const REMOVE_DEADLINE_MS = 60_000

export interface RemoteOptions {
  /** Null: one that no other run has. */
  readonly chroot: string | null
  /** Whether clients of the run prove a throw-away user, where no user is given. */
  readonly provesUser: boolean
  readonly signal?: AbortSignal
  /** Told, in the place of being thrown, what could not be removed. */
  readonly onLeftBehind?: (error: ZktuneError) => void
}

/**
 * An ensemble that runs already. All that a run does to it lies below one znode, which it makes and removes; nothing
 * else is written or deleted.
 */
export class RemoteEnsemble implements Ensemble {
  readonly kind = 'remote'
  readonly hosts: string
  readonly chroot: string
  readonly tls: Ensemble['tls']
  readonly digest: string | null
  readonly software: readonly Software[]
  /** How long connecting and making the root took. */
  readonly bootMs: number
  readonly folder = null
  readonly control = null
  readonly #target: ConnectString
  readonly #access: ReadAccess
  readonly #adminPort: number | null
  /** What the root holds, so that it is known again as the one that this run has made. */
  readonly #token: string
  readonly #onLeftBehind: RemoteOptions['onLeftBehind']
  #stopped: Promise<void> | null = null

  private constructor(
    target: ConnectString,
    access: ReadAccess,
    remote: PlannedRemote,
    made: {
      readonly chroot: string
      readonly token: string
      readonly onLeftBehind: RemoteOptions['onLeftBehind']
      readonly bootMs: number
      readonly reports: readonly ServerReport[]
    },
  ) {
    this.#target = target
    this.#access = access
    this.#adminPort = remote.access.adminPort
    this.hosts = hostsText(target)
    this.chroot = made.chroot
    this.#token = made.token
    this.#onLeftBehind = made.onLeftBehind
    this.tls = access.tls === null ? null : { client: access.tls, files: null }
    this.digest = access.digest
    this.bootMs = made.bootMs
    const versions = new Set(made.reports.flatMap(({ version }) => (version === null ? [] : [version])))
    this.software = [...versions].map((version) => ({ name: 'ZooKeeper', version }))
  }

  /**
   * Connects, and makes the root of the run.
   *
   * @throws ZktuneError CannotConnect, ForeignData when the root exists already, BadConfigValue, NotSupported when it may not be made
   */
  static async connect(remote: PlannedRemote, options: RemoteOptions): Promise<RemoteEnsemble> {
    const target = parseConnectString(remote.connect)
    const read = readAccess(remote.access)
    const throwAway = options.provesUser ? `zktune:${randomBytes(16).toString('hex')}` : null
    const access = { ...read, digest: read.digest ?? throwAway }
    const chroot = `${target.chroot}${options.chroot ?? `/zktune-${randomBytes(6).toString('hex')}`}`
    const startedMs = performance.now()
    await using client = clientOf(target, access)
    await connected(client, target, options.signal)
    const token = `zktune ${randomBytes(16).toString('hex')}`
    await makeRoot(client, chroot, token)
    const bootMs = performance.now() - startedMs
    const ask = { tls: access.tls, timeoutMs: ASK_TIMEOUT_MS, adminPort: remote.access.adminPort }
    const reports = await Promise.all(target.hosts.map((endpoint) => reportOf(endpoint, ask)))
    return new RemoteEnsemble(target, access, remote, {
      chroot,
      token,
      onLeftBehind: options.onLeftBehind,
      bootMs,
      reports,
    })
  }

  /** Its logs are not ours to read. */
  events(): Promise<readonly ServerEvent[]> {
    return Promise.resolve([])
  }

  async servers(): Promise<readonly RunningServer[]> {
    return (await this.#reports()).map(({ id, role, host, port, hasAdminServer }, index) => ({
      id: id ?? index + 1,
      pid: null,
      role,
      host,
      clientPort: port,
      adminPort: hasAdminServer ? this.#adminPort : null,
      gatewayPort: null,
      dataDir: null,
      config: null,
      restartCommand: null,
    }))
  }

  async counters(): Promise<ServerCounters> {
    const reports = await this.#reports()
    return new Map(reports.map(({ id, counters }, index) => [id ?? index + 1, counters]))
  }

  /**
   * Removes the root of the run, over lost connections if need be.
   *
   * @throws ZktuneError ConnectionLost that says what is left and how to remove it
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#removeRoot()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #removeRoot(): Promise<void> {
    const untilMs = performance.now() + REMOVE_DEADLINE_MS
    let cause: unknown = null
    while (performance.now() < untilMs) {
      const client = clientOf(this.#target, this.#access)
      try {
        await client.connected({ timeoutMs: Math.max(1, untilMs - performance.now()) })
        if (await isOurs(client, this.chroot, this.#token)) await removeTree(client, this.chroot, untilMs)
        return
      } catch (error) {
        cause = error
        if (error instanceof ZooKeeperError && error.code === WireError.noAuth) break
      } finally {
        await client.close({ deadlineMs: 1_000 })
      }
    }
    const error = new ZktuneError('ConnectionLost', {
      where: this.hosts,
      what: `${this.chroot}, which this run has made, could not be removed`,
      mend: `Remove it by hand: zkCli.sh -server ${this.hosts.split(',')[0]} deleteall ${this.chroot}`,
      cause,
    })
    if (this.#onLeftBehind === undefined) throw error
    this.#onLeftBehind(error)
  }

  #reports(): Promise<readonly ServerReport[]> {
    const ask = { tls: this.#access.tls, timeoutMs: ASK_TIMEOUT_MS, adminPort: this.#adminPort }
    return Promise.all(this.#target.hosts.map((endpoint) => reportOf(endpoint, ask)))
  }
}

export function hostsText({ hosts }: ConnectString): string {
  return hosts.map(endpointText).join(',')
}

function clientOf(target: ConnectString, { tls, digest }: ReadAccess): ZooKeeperClient {
  const client = new ZooKeeperClient({
    network: new RealNetwork(),
    clock: new RealClock(),
    entropy: new RealEntropy(),
    connectString: hostsText(target),
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    ...(tls === null ? {} : { tls }),
  })
  // A server that refuses it ends the session, which shows soon enough.
  if (digest !== null) client.addAuth('digest', digest).catch(() => undefined)
  return client
}

async function connected(client: ZooKeeperClient, target: ConnectString, signal?: AbortSignal): Promise<void> {
  try {
    await client.connected({ timeoutMs: CONNECT_TIMEOUT_MS, signal })
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof ZktuneError)) throw error
    throw new ZktuneError('CannotConnect', {
      where: hostsText(target),
      what: `there is no session with this ensemble after ${CONNECT_TIMEOUT_MS / 1_000} s: ${error.what}`,
      mend: 'See whether it serves (zktune inspect --connect …), and whether it wants --tls-ca or --auth-file.',
      cause: error,
    })
  }
}

async function makeRoot(client: ZooKeeperClient, chroot: string, token: string): Promise<void> {
  const untilMs = performance.now() + CONNECT_TIMEOUT_MS
  for (;;) {
    try {
      await client.create(chroot, token)
      return
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error
      // A connection that was lost meanwhile leaves open whether it had been made: then it exists, and holds our token.
      if (error.code === WireError.connectionLoss && performance.now() < untilMs) continue
      if (error.code === WireError.nodeExists && (await isOurs(client, chroot, token))) return
      throw whyNoRoot(chroot, error)
    }
  }
}

/** Gone is not ours any more either. */
async function isOurs(client: ZooKeeperClient, chroot: string, token: string): Promise<boolean> {
  try {
    return Buffer.from((await client.getData(chroot)).data ?? []).toString() === token
  } catch (error) {
    if (error instanceof ZooKeeperError && error.code === WireError.noNode) return false
    throw error
  }
}

function whyNoRoot(chroot: string, cause: ZooKeeperError): ZktuneError {
  const parent = chroot.slice(0, Math.max(1, chroot.lastIndexOf('/')))
  const facts = { where: chroot, cause }
  switch (cause.code) {
    case WireError.nodeExists:
      return new ZktuneError('ForeignData', {
        ...facts,
        what: 'this znode exists already, and a run touches only what it has made',
        mend: 'Name another one with --chroot, or leave that out.',
      })
    case WireError.noNode:
      return new ZktuneError('BadConfigValue', {
        ...facts,
        what: `there is no ${parent} to make it in`,
        mend: 'Let the connect string end with a znode that exists, or with the hosts.',
      })
    case WireError.noAuth:
      return new ZktuneError('NotSupported', {
        ...facts,
        what: `clients that prove nothing more may not create znodes in ${parent}`,
        mend: 'Give --auth-file with a user who may, or a root in the connect string where everybody may.',
      })
    default:
      return new ZktuneError('ServerFailed', {
        ...facts,
        what: `this root of the run could not be made: ${cause.codeName}`,
        mend: 'See whether the ensemble has a quorum: zktune inspect --connect …',
      })
  }
}
