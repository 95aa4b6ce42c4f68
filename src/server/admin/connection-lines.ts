import { sessionText } from '../../kernel/session-id.ts'
import { OpCode } from '../../protocol/op-code.ts'
import type { ClientConnection } from '../clients/client-connection.ts'

/** Apache's short names of operations (Request.op2String, cut to what `cons` prints). */
const SHORT_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [OpCode.createSession, 'SESS'],
  [OpCode.closeSession, 'CLOS'],
  [OpCode.ping, 'PING'],
  [OpCode.create, 'CREA'],
  [OpCode.create2, 'CREA'],
  [OpCode.createContainer, 'CREA'],
  [OpCode.createTTL, 'CREA'],
  [OpCode.delete, 'DELE'],
  [OpCode.deleteContainer, 'DELE'],
  [OpCode.setData, 'SETD'],
  [OpCode.getData, 'GETD'],
  [OpCode.exists, 'EXIS'],
  [OpCode.getChildren, 'GETC'],
  [OpCode.getChildren2, 'GETC'],
  [OpCode.getAllChildrenNumber, 'GETACN'],
  [OpCode.getEphemerals, 'GETE'],
  [OpCode.getACL, 'GETA'],
  [OpCode.setACL, 'SETA'],
  [OpCode.multi, 'MULT'],
  [OpCode.multiRead, 'MLTR'],
  [OpCode.check, 'CHEC'],
  [OpCode.sync, 'SYNC'],
  [OpCode.reconfig, 'RECO'],
  [OpCode.setWatches, 'SETW'],
  [OpCode.setWatches2, 'STW2'],
  [OpCode.addWatch, 'ADDW'],
  [OpCode.checkWatches, 'CHKW'],
  [OpCode.removeWatches, 'REMW'],
  [OpCode.whoAmI, 'HOMI'],
])

export function shortOperationName(type: number): string {
  return SHORT_NAMES.get(type) ?? 'NA'
}

/** @param asker the connection that asks; null when it does not come by a client connection */
export function briefLine(connection: ClientConnection, asker: ClientConnection | null): string {
  return ` ${lineStart(connection, asker)})`
}

/** @param nowMs of the clock by which connections note when they opened */
export function fullLine(
  connection: ClientConnection,
  asker: ClientConnection | null,
  time: { readonly nowMs: number; readonly wallMs: number },
): string {
  const start = ` ${lineStart(connection, asker)}`
  if (!connection.hasSession) return `${start})`
  const { figures } = connection
  const fields: (readonly [string, number | string])[] = [
    ['sid', sessionText(connection.sessionHigh, connection.sessionLow)],
    ['lop', shortOperationName(figures.lastOperation)],
    ['est', Math.floor(time.wallMs - (time.nowMs - connection.openedMs))],
    ['to', connection.timeoutMs],
  ]
  if (figures.lastCxid >= 0) fields.push(['lcxid', `0x${figures.lastCxid.toString(16)}`])
  fields.push(
    ['lzxid', zxidText(figures.lastZxid)],
    ['lresp', Math.floor(figures.lastResponseMs)],
    ['llat', Math.floor(figures.lastLatencyMs)],
    ['minlat', Math.floor(figures.minLatencyMs)],
    ['avglat', Math.floor(figures.averageLatencyMs)],
    ['maxlat', Math.floor(figures.maxLatencyMs)],
  )
  return `${start}${fields.map(([name, value]) => `,${name}=${value}`).join('')})`
}

/** As Java prints a long in hexadecimal. */
export function zxidText(zxid: number): string {
  return zxid < 0 ? `0x${BigInt.asUintN(64, BigInt(zxid)).toString(16)}` : `0x${zxid.toString(16)}`
}

/** The number in brackets is the connection's interest: 1 reading, 0 for the one that asks. */
function lineStart(connection: ClientConnection, asker: ClientConnection | null): string {
  const { address, remotePort, queuedCount, figures } = connection
  const interest = connection === asker ? 0 : 1
  const counts = `queued=${queuedCount},recved=${figures.packetsReceived},sent=${figures.packetsSent}`
  return `/${hostText(address)}:${remotePort}[${interest}](${counts}`
}

/** Java writes an IPv6 address in brackets before a port. */
export function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
