import { get } from 'node:http'
import { endpointText, parseConnectString, type Endpoint } from '../../client/connect-string.ts'
import type { TlsClientOptions } from '../../kernel/ports.ts'
import { ZktuneError } from '../../kernel/errors.ts'
import { askServer, roleInAnswer } from '../four-letter-word.ts'
import type { ServerRole } from '../ensemble.ts'
import { readCounters, type Counters } from '../server-figures.ts'

/** One server that runs somewhere, as far as it can be asked. */
export interface ServerReport {
  /** As given: `zk1:2181`. */
  readonly endpoint: string
  readonly host: string
  readonly port: number
  readonly role: ServerRole
  /** `3.8.0`; null when it did not tell. */
  readonly version: string | null
  /** Its own id; null: standalone without myid, or not told. */
  readonly id: number | null
  /** The lines of `conf` before the members, by key; null when neither it nor the AdminServer told. */
  readonly settings: ReadonlyMap<string, string> | null
  /** What told the settings: `conf` or `AdminServer`. */
  readonly settingsFrom: 'conf' | 'AdminServer' | null
  /** The lines of the server list, as zoo.cfg has them; empty when standalone or not told. */
  readonly members: readonly string[]
  /** The JVM's properties that begin with `zookeeper.`, by the AdminServer; null when it did not tell. */
  readonly properties: ReadonlyMap<string, string> | null
  /** Null: `mntr` is not whitelisted. */
  readonly counters: Counters | null
  /** Whether its AdminServer answered. */
  readonly hasAdminServer: boolean
  /** Why something is not known; sentences. */
  readonly notes: readonly string[]
}

export interface AskOptions {
  readonly tls: TlsClientOptions | null
  readonly timeoutMs: number
  /** Of every server's AdminServer; null: do not ask it. */
  readonly adminPort: number | null
}

const ADMIN_ANSWER_MAX = 4 * 1024 * 1024
const NOT_LISTED = 'is not executed because it is not in the whitelist'

/**
 * Asks each server that a connect string names, as `reportOf` does.
 *
 * @throws ZktuneError BadConfigValue for a text that is no connect string
 */
export function reportsOf(connect: string, options: AskOptions): Promise<readonly ServerReport[]> {
  return Promise.all(parseConnectString(connect).hosts.map((endpoint) => reportOf(endpoint, options)))
}

/** Asks one server everything that it tells without a session. Never rejects for what the server does or is. */
export async function reportOf(endpoint: Endpoint, options: AskOptions): Promise<ServerReport> {
  const { tls, timeoutMs, adminPort } = options
  const notes: string[] = []
  const ask = async (word: string): Promise<string> => {
    try {
      const answer = await askServer(endpoint, word, timeoutMs, tls)
      if (!answer.includes(NOT_LISTED)) return answer
      notes.push(`${word} is not in its 4lw.commands.whitelist.`)
    } catch (error) {
      if (!(error instanceof ZktuneError)) throw error
      if (word === 'srvr') notes.push(`It cannot be asked: ${error.what}.`)
    }
    return ''
  }
  const srvr = await ask('srvr')
  const isThere = srvr !== ''
  const [conf, mntr] = isThere ? await Promise.all([ask('conf'), ask('mntr')]) : ['', '']
  const adminOf = (command: string): Promise<AdminAnswer | null> =>
    adminPort === null ? Promise.resolve(null) : askAdmin(endpoint.host, adminPort, command, timeoutMs)
  const [configuration, system] = await Promise.all([adminOf('configuration'), adminOf('system_properties')])

  const told = readConf(conf)
  const settings = told.settings.size > 0 ? told.settings : settingsOfAdmin(configuration)
  if (isThere && settings === null && adminPort !== null) {
    notes.push(`No AdminServer answers at ${endpoint.host}:${adminPort} (--admin-port names another port).`)
  }
  const id = Number(settings?.get('serverId') ?? Number.NaN)
  return {
    endpoint: endpointText(endpoint),
    host: endpoint.host,
    port: endpoint.port,
    role: roleInAnswer(srvr),
    version: /^Zookeeper version: ([^,\s]+?)(?:-[0-9a-f]{40}|-\$\{.*?\})?(?:,|\s)/m.exec(srvr)?.[1] ?? null,
    id: Number.isInteger(id) ? id : null,
    settings,
    settingsFrom: settings === null ? null : told.settings.size > 0 ? 'conf' : 'AdminServer',
    members: told.members,
    properties: propertiesOfAdmin(system),
    counters: mntr === '' ? null : readCounters(mntr),
    hasAdminServer: configuration !== null || system !== null,
    notes,
  }
}

/** @param answer to `conf`: `key=value` lines, then `membership: ` and the server list */
export function readConf(answer: string): {
  readonly settings: ReadonlyMap<string, string>
  readonly members: readonly string[]
} {
  const [own = '', members = ''] = answer.split(/^membership: *$/m)
  const lines = own.split('\n').map((line) => /^([\w.]+)=(.*)$/.exec(line))
  return {
    settings: new Map(lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', (match[2] ?? '').trim()]]))),
    members: members
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^(server|group|weight)\.\d+=/.test(line)),
  }
}

type AdminAnswer = Readonly<Record<string, unknown>>

/** @returns null when no AdminServer answers there, or not this */
function askAdmin(host: string, port: number, command: string, timeoutMs: number): Promise<AdminAnswer | null> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: `/commands/${command}`, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > ADMIN_ANSWER_MAX) response.destroy()
        else chunks.push(chunk)
      })
      response.once('error', () => resolve(null))
      response.once('close', () => resolve(asAnswer(Buffer.concat(chunks).toString(), command)))
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(null))
  })
}

function asAnswer(text: string, command: string): AdminAnswer | null {
  try {
    const answer: unknown = JSON.parse(text)
    const isOne = typeof answer === 'object' && answer !== null && 'command' in answer && answer.command === command
    return isOne ? answer : null
  } catch {
    return null // something else answers on this port
  }
}

/** `tick_time` of the AdminServer is `tickTime` of conf. */
function settingsOfAdmin(answer: AdminAnswer | null): ReadonlyMap<string, string> | null {
  if (answer === null) return null
  const entries = Object.entries(answer).flatMap(([key, value]) => {
    const isSetting = key !== 'command' && key !== 'error' && (typeof value === 'string' || typeof value === 'number')
    const name = key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
    return isSetting ? [[name, String(value)] as const] : []
  })
  return entries.length === 0 ? null : new Map(entries)
}

function propertiesOfAdmin(answer: AdminAnswer | null): ReadonlyMap<string, string> | null {
  if (answer === null) return null
  const known = Object.entries(answer).filter(([key]) => key.startsWith('zookeeper.') || key === 'jute.maxbuffer')
  return new Map(known.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])))
}
