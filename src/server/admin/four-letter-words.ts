import type { Clock } from '../../kernel/ports.ts'
import { sessionText } from '../../kernel/session-id.ts'
import type { ClientConnection } from '../clients/client-connection.ts'
import type { ClientSessions } from '../clients/client-sessions.ts'
import type { ServerSettings } from '../settings.ts'

/**
 * Tools read a version out of srvr, stat, mntr and envi and decide by it what they may ask for (kazoo takes the digits at
 * the start of `zookeeper.version`, Telegraf those of `zk_version`, others `([^-]+)-` behind `Zookeeper version: `). So the
 * text begins with the Apache release whose client protocol is spoken here, and names this server behind a dash.
 */
export const SERVER_VERSION = '3.8.0-zktune'

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests\n'

/** What only the replicated side knows. */
export interface ReplicationFigures {
  /** Further lines of mntr, without `zk_`: on a leader `learners`, `synced_followers`, `pending_syncs`… */
  gauges(): Iterable<readonly [name: string, value: number | string]>
  /** Sizes of proposed commands in bytes, -1 each before the first; null on a server that does not lead. */
  proposalSizes(): { readonly last: number; readonly min: number; readonly max: number } | null
}

export interface FourLetterWordsOptions {
  readonly sessions: ClientSessions
  readonly figures: ReplicationFigures
  readonly clock: Clock
}

interface Word {
  /** Some are answered by a server that serves no clients, too. */
  readonly needsService: boolean
  answer(words: FourLetterWords, asker: ClientConnection | null): string
}

/** The words that this server knows how to answer. */
const WORDS: Readonly<Record<string, Word>> = {
  ruok: { needsService: false, answer: () => 'imok' },
  srvr: { needsService: true, answer: (words) => words.srvr() },
  stat: { needsService: true, answer: (words, asker) => words.stat(asker) },
  mntr: { needsService: true, answer: (words) => words.mntr() },
  conf: { needsService: true, answer: (words) => words.conf() },
  isro: { needsService: false, answer: (words) => words.isro() },
  cons: { needsService: true, answer: (words, asker) => words.cons(asker) },
  dump: { needsService: true, answer: (words) => words.dump() },
  envi: { needsService: false, answer: () => `Environment:\nzookeeper.version=${SERVER_VERSION}\n` },
  srst: { needsService: true, answer: (words) => words.srst() },
}

/** Apache's others: words all the same, not frame lengths, but without an answer here. */
const UNANSWERED = ['crst', 'dirs', 'gtmk', 'hash', 'lead', 'stmk', 'wchc', 'wchp', 'wchs']

const NAMES = new Map<number, string>(
  [...Object.keys(WORDS), ...UNANSWERED].map((name) => [Buffer.from(name, 'latin1').readInt32BE(0), name]),
)

/**
 * The plain text commands of administrators: four letters instead of a first frame, a text back, then the connection
 * closes. Texts as Apache ZooKeeper 3.8 writes them, with those figures only that are true here.
 */
export class FourLetterWords {
  readonly #sessions: ClientSessions
  readonly #figures: ReplicationFigures
  readonly #clock: Clock
  readonly #startedMs: number
  readonly #allowed: ReadonlySet<string>

  constructor(options: FourLetterWordsOptions) {
    this.#sessions = options.sessions
    this.#figures = options.figures
    this.#clock = options.clock
    this.#startedMs = options.clock.nowMs()
    const listed = this.#settings.admin.fourLetterWords
    this.#allowed = new Set(listed.includes('*') ? NAMES.values() : ['srvr', ...listed])
  }

  /**
   * @param number the four letters as a big-endian integer, as they arrive where a frame's length is expected
   * @param asker the connection that asks; null when it does not come by a client connection
   * @returns null when they are no word
   */
  answer(number: number, asker: ClientConnection | null): string | null {
    const name = NAMES.get(number)
    if (name === undefined) return null
    if (!this.#allowed.has(name)) return `${name} is not executed because it is not in the whitelist.\n`
    const word = WORDS[name]
    if (word === undefined) return `${name} is not implemented by ${SERVER_VERSION}.\n`
    return word.needsService && !this.#sessions.service.isServing ? NOT_SERVING : word.answer(this, asker)
  }

  srvr(): string {
    return `Zookeeper version: ${SERVER_VERSION}\n${this.#summary()}`
  }

  stat(asker: ClientConnection | null): string {
    const clients = [...this.#sessions.connections()].map((connection) => `${briefLine(connection, asker)}\n`)
    return `Zookeeper version: ${SERVER_VERSION}\nClients:\n${clients.join('')}\n${this.#summary()}`
  }

  cons(asker: ClientConnection | null): string {
    const nowMs = this.#clock.nowMs()
    const clients = [...this.#sessions.connections()].map((connection) => `${fullLine(connection, asker, nowMs)}\n`)
    return `${clients.join('')}\n`
  }

  conf(): string {
    const settings = this.#settings
    const lines: (readonly [string, number | string])[] = [
      ['clientPort', settings.clientPort],
      ['secureClientPort', -1],
      ['dataDir', settings.dataDir],
      ['dataLogDir', settings.dataLogDir],
      ['tickTime', settings.cluster.tickTimeMs],
      ['maxClientCnxns', settings.limits.maxClientCnxns],
      ['minSessionTimeout', settings.sessions.minSessionTimeoutMs],
      ['maxSessionTimeout', settings.sessions.maxSessionTimeoutMs],
      ['clientPortListenBacklog', settings.limits.clientPortListenBacklog ?? -1],
      ['serverId', settings.id],
    ]
    const me = settings.members.find((member) => member.id === settings.id)
    if (me === undefined) return textOf(lines)
    lines.push(['initLimit', settings.cluster.initLimitTicks], ['syncLimit', settings.cluster.syncLimitTicks])
    lines.push(['quorumPort', me.peerPort], ['peerType', me.isObserver ? 1 : 0])
    const members = settings.members.map(
      ({ id, host, peerPort, isObserver }) =>
        `server.${id}=${host}:${peerPort}:${isObserver ? 'observer' : 'participant'}`,
    )
    return `${textOf(lines)}membership: \n${members.join('\n')}`
  }

  mntr(): string {
    const { service, statistics, pool, count } = this.#sessions
    const { tree } = service
    const lines: (readonly [string, number | string])[] = [
      ['version', SERVER_VERSION],
      ['server_state', service.mode],
      ['ephemerals_count', tree.ephemeralCount],
      ['num_alive_connections', count],
      ['avg_latency', decimal(statistics.latencyAverageMs)],
      ['min_latency', statistics.latencyMinMs],
      ['max_latency', statistics.latencyMaxMs],
      ['outstanding_requests', pool.inUse],
      ['znode_count', tree.nodeCount],
      ['global_sessions', tree.sessions.size],
      ['local_sessions', 0],
      ['packets_sent', statistics.packetsSent],
      ['packets_received', statistics.packetsReceived],
      ['watch_count', tree.watches.count],
      ['auth_failed_count', statistics.authFailures],
      ['connection_rejected', statistics.connectionsRejected],
      ['approximate_data_size', tree.approximateDataSizeBytes],
      ['uptime', Math.floor(this.#clock.nowMs() - this.#startedMs)],
      ...this.#figures.gauges(),
    ]
    const sizes = this.#figures.proposalSizes()
    if (sizes !== null) {
      lines.push(['last_proposal_size', sizes.last], ['min_proposal_size', sizes.min], ['max_proposal_size', sizes.max])
    }
    return lines.map(([name, value]) => `zk_${name}\t${value}\n`).join('')
  }

  isro(): string {
    return this.#sessions.service.isServing ? 'rw' : 'null'
  }

  dump(): string {
    const { tree } = this.#sessions.service
    const all = [...tree.sessions]
    const owners = all.filter((session) => session.ephemerals.size > 0)
    const sessions = all.map(({ high, low, timeoutMs }) => `${sessionText(high, low)}\t${timeoutMs}ms\n`)
    const ephemerals = owners.map(
      ({ high, low, ephemerals }) =>
        `${sessionText(high, low)}:\n${[...ephemerals].map((path) => `\t${path}\n`).join('')}`,
    )
    return (
      `SessionTracker dump:\nGlobal Sessions(${all.length}):\n${sessions.join('')}` +
      `ephemeral nodes dump:\nSessions with Ephemerals (${owners.length}):\n${ephemerals.join('')}`
    )
  }

  srst(): string {
    this.#sessions.statistics.reset()
    return 'Server stats reset.\n'
  }

  get #settings(): ServerSettings {
    return this.#sessions.settings
  }

  #summary(): string {
    const { service, statistics, pool, count } = this.#sessions
    const latencies = `${statistics.latencyMinMs}/${decimal(statistics.latencyAverageMs)}/${statistics.latencyMaxMs}`
    const sizes = this.#figures.proposalSizes()
    return (
      `Latency min/avg/max: ${latencies}\n` +
      `Received: ${statistics.packetsReceived}\nSent: ${statistics.packetsSent}\n` +
      `Connections: ${count}\nOutstanding: ${pool.inUse}\n` +
      `Zxid: 0x${service.tree.lastZxid.toString(16)}\n` +
      `Mode: ${service.mode}\nNode count: ${service.tree.nodeCount}\n` +
      (sizes === null ? '' : `Proposal sizes last/min/max: ${sizes.last}/${sizes.min}/${sizes.max}\n`)
    )
  }
}

function textOf(lines: readonly (readonly [string, number | string])[]): string {
  return lines.map(([name, value]) => `${name}=${value}\n`).join('')
}

/** As Java prints a double. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}

function briefLine(connection: ClientConnection, asker: ClientConnection | null): string {
  return ` ${lineStart(connection, asker)})`
}

function fullLine(connection: ClientConnection, asker: ClientConnection | null, nowMs: number): string {
  const start = ` ${lineStart(connection, asker)}`
  if (!connection.hasSession) return `${start})`
  const establishedMs = Math.floor(nowMs - connection.openedMs)
  const id = sessionText(connection.sessionHigh, connection.sessionLow)
  return `${start},sid=${id},est=${establishedMs},to=${connection.timeoutMs})`
}

/** The number in brackets is the connection's interest: 1 reading, 0 for the one that asks. */
function lineStart(connection: ClientConnection, asker: ClientConnection | null): string {
  const { address, remotePort, queuedCount, packetsReceived, packetsSent } = connection
  const interest = connection === asker ? 0 : 1
  return `/${address}:${remotePort}[${interest}](queued=${queuedCount},recved=${packetsReceived},sent=${packetsSent}`
}
