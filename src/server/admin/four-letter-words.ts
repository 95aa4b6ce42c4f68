import { sessionText } from '../../kernel/session-id.ts'
import type { ClientConnection } from '../clients/client-connection.ts'
import type { AdminFacts } from './admin-facts.ts'
import { briefLine, fullLine } from './connection-lines.ts'
import { decimalText, flatMetrics } from './metric.ts'
import { membership, ownConfiguration, quorumConfiguration } from './server-configuration.ts'
import { isReadOnly } from './server-mode.ts'
import { environment } from './server-environment.ts'
import { serverMetrics } from './server-metrics.ts'
import { SERVER_VERSION } from './server-version.ts'
import { sessionDump } from './session-dump.ts'
import { watchedPaths, watchersByPath, watchSummary } from './watched-paths.ts'

export const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests'

interface Word {
  /** Some are answered by a server that serves no clients, too. */
  readonly needsService: boolean
  answer(facts: AdminFacts, asker: ClientConnection | null, argument: Buffer): string
}

function word(answer: Word['answer']): Word {
  return { needsService: true, answer }
}

function anytimeWord(answer: Word['answer']): Word {
  return { needsService: false, answer }
}

const WORDS: Readonly<Record<string, Word>> = {
  conf: word(conf),
  cons: word(cons),
  crst: word(crst),
  dirs: word((facts) => `datadir_size: ${facts.dataDirSize}\nlogdir_size: ${facts.logDirSize}\n`),
  dump: word(sessionDump),
  envi: anytimeWord((facts) => `Environment:\n${textOf(environment(facts))}`),
  gtmk: anytimeWord((facts) => String(facts.traceMask)),
  hash: word(hash),
  isro: anytimeWord(isro),
  mntr: word(mntr),
  ruok: anytimeWord(() => 'imok'),
  srst: word(srst),
  srvr: word((facts) => `Zookeeper version: ${SERVER_VERSION}\n${readOnlyLine(facts)}${summary(facts)}`),
  stat: word(stat),
  stmk: anytimeWord(stmk),
  wchc: word(wchc),
  wchp: word(wchp),
  wchs: word(wchs),
}

const NAMES = new Map<number, string>(
  Object.keys(WORDS).map((name) => [Buffer.from(name, 'latin1').readInt32BE(0), name]),
)

/**
 * The plain text commands of administrators: four letters instead of a first frame, a text back, then the connection
 * closes. Texts as Apache ZooKeeper 3.8 writes them.
 */
export class FourLetterWords {
  readonly #facts: AdminFacts
  readonly #allowed: ReadonlySet<string>

  constructor(facts: AdminFacts) {
    this.#facts = facts
    const listed = facts.settings.admin.fourLetterWords
    // Clients ask isro to find a server that takes writes again.
    const always = facts.settings.cluster.isReadOnlyModeEnabled ? ['srvr', 'isro'] : ['srvr']
    this.#allowed = new Set(listed.includes('*') ? NAMES.values() : [...always, ...listed])
  }

  /**
   * @param number the four letters as a big-endian integer, as they arrive where a frame's length is expected
   * @param argument what came behind them
   * @param asker the connection that asks; null when it does not come by a client connection
   * @returns null when they are no word
   */
  answer(number: number, argument: Buffer, asker: ClientConnection | null): string | null {
    const name = NAMES.get(number)
    const known = name === undefined ? undefined : WORDS[name]
    if (name === undefined || known === undefined) return null
    if (!this.#allowed.has(name)) return `${name} is not executed because it is not in the whitelist.\n`
    if (known.needsService && !this.#facts.isAnswering) return `${NOT_SERVING}\n`
    return known.answer(this.#facts, asker, argument)
  }
}

function stat(facts: AdminFacts, asker: ClientConnection | null): string {
  const clients = facts.connections().map((connection) => `${briefLine(connection, asker)}\n`)
  return `Zookeeper version: ${SERVER_VERSION}\n${readOnlyLine(facts)}Clients:\n${clients.join('')}\n${summary(facts)}`
}

function readOnlyLine(facts: AdminFacts): string {
  return isReadOnly(facts) ? 'READ-ONLY mode; serving only read-only clients\n' : ''
}

/** What srvr and stat have in common. */
function summary(facts: AdminFacts): string {
  const { statistics } = facts
  const { service, pool, count } = facts.sessions
  const latencies = `${statistics.latencyMinMs}/${decimalText(statistics.latencyAverageMs)}/${statistics.latencyMaxMs}`
  const sizes = facts.figures.proposalSizes()
  return (
    `Latency min/avg/max: ${latencies}\n` +
    `Received: ${statistics.packetsReceived}\nSent: ${statistics.packetsSent}\n` +
    `Connections: ${count}\nOutstanding: ${pool.inUse}\n` +
    `Zxid: 0x${service.tree.lastZxid.toString(16)}\n` +
    `Mode: ${service.mode}\nNode count: ${service.tree.nodeCount}\n` +
    (sizes === null ? '' : `Proposal sizes last/min/max: ${sizes.last}/${sizes.min}/${sizes.max}\n`)
  )
}

function cons(facts: AdminFacts, asker: ClientConnection | null): string {
  const time = { nowMs: facts.clock.nowMs(), wallMs: facts.clock.wallMs() }
  const clients = facts.connections().map((connection) => `${fullLine(connection, asker, time)}\n`)
  return `${clients.join('')}\n`
}

function conf(facts: AdminFacts): string {
  const own = textOf(ownConfiguration(facts))
  const quorum = quorumConfiguration(facts)
  return quorum.length === 0 ? own : `${own}${textOf(quorum)}membership: \n${membership(facts)}`
}

function mntr(facts: AdminFacts): string {
  let text = ''
  for (const { name, value, isDecimal } of flatMetrics(serverMetrics(facts))) {
    text += `zk_${name}\t${typeof value === 'number' && isDecimal ? decimalText(value) : value}\n`
  }
  return text
}

function isro(facts: AdminFacts): string {
  switch (facts.sessions.service.audience) {
    case 'everybody':
      return 'rw'
    case 'readers':
      return 'ro'
    case 'nobody':
      return 'null'
  }
}

function crst(facts: AdminFacts): string {
  facts.resetConnections()
  return 'Connection stats reset.\n'
}

function srst(facts: AdminFacts): string {
  facts.resetStatistics()
  return 'Server stats reset.\n'
}

/** @param argument a long, of which the connection has made sure */
function stmk(facts: AdminFacts, _asker: ClientConnection | null, argument: Buffer): string {
  facts.traceMask = argument.readBigInt64BE(0)
  return String(facts.traceMask)
}

function hash(facts: AdminFacts): string {
  return facts.figures
    .digests()
    .map(({ zxid, digest }) => `${zxid.toString(16)}: ${digest}\n`)
    .join('')
}

function wchs(facts: AdminFacts): string {
  const { connections, paths, watches } = watchSummary(facts)
  return `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`
}

function wchc(facts: AdminFacts): string {
  let text = ''
  for (const [connection, paths] of watchedPaths(facts)) {
    text += `${sessionText(connection.sessionHigh, connection.sessionLow)}\n`
    for (const path of paths) text += `\t${path}\n`
  }
  return `${text}\n`
}

function wchp(facts: AdminFacts): string {
  let text = ''
  for (const [path, connections] of watchersByPath(facts)) {
    text += `${path}\n`
    for (const { sessionHigh, sessionLow } of connections) text += `\t${sessionText(sessionHigh, sessionLow)}\n`
  }
  return `${text}\n`
}

function textOf(lines: readonly (readonly [string, number | string])[]): string {
  return lines.map(([name, value]) => `${name}=${value}\n`).join('')
}
