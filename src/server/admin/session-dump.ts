import { sessionText } from '../../kernel/session-id.ts'
import type { AdminFacts, Expiry } from './admin-facts.ts'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The four letter word dump: sessions, then the ephemerals of each. A leader (and a standalone server) knows when sessions
 * expire; the others list them with their timeouts, behind the sessions that they keep by themselves. There is no third part: Apache lists there when its NIO factory will
 * close idle connections, and here a connection's session alone decides that.
 */
export function sessionDump(facts: AdminFacts): string {
  return `SessionTracker dump:\n${sessions(facts)}ephemeral nodes dump:\n${ephemerals(facts)}`
}

function sessions(facts: AdminFacts): string {
  const { service } = facts.sessions
  const expiries = facts.figures.expiries()
  const own = facts.localExpiries()
  const local = own === null ? '' : `Local ${sessionSets(own)}`
  if (expiries === null) {
    const lines = [...service.tree.sessions].map(({ high, low, timeoutMs }) => {
      return `${sessionText(high, low)}\t${timeoutMs}ms\n`
    })
    return `${local}Global Sessions(${lines.length}):\n${lines.join('')}`
  }
  return local === '' ? sessionSets(expiries) : `${local}Global ${sessionSets(expiries)}`
}

function sessionSets(expiries: readonly Expiry[]): string {
  const count = expiries.reduce((sum, expiry) => sum + expiry.sessions.length, 0)
  const buckets = expiries.map(({ atMs, sessions: expiring }) => {
    const ids = expiring.map(({ high, low }) => `\t${sessionText(high, low)}\n`).join('')
    return `${expiring.length} expire at ${javaDate(atMs)}:\n${ids}`
  })
  return `Session Sets (${expiries.length})/(${count}):\n${buckets.join('')}`
}

function ephemerals({ sessions: { service } }: AdminFacts): string {
  const owners = [...service.tree.sessions].filter((session) => session.ephemerals.size > 0)
  const texts = owners.map(({ high, low, ephemerals: paths }) => {
    return `${sessionText(high, low)}:\n${[...paths].map((path) => `\t${path}\n`).join('')}`
  })
  return `Sessions with Ephemerals (${owners.length}):\n${texts.join('')}`
}

/** As Java writes a date, in UTC: `Sun Nov 22 09:59:12 UTC 2026`. */
export function javaDate(wallMs: number): string {
  const date = new Date(wallMs)
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${twoDigits(date.getUTCDate())}`
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':')
  return `${day} ${time} UTC ${date.getUTCFullYear()}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
