import { sessionIdOf } from '../../kernel/session-id.ts'
import type { ClientConnection } from '../clients/client-connection.ts'
import { hostText, shortOperationName } from './connection-lines.ts'
import type { Fields } from './command-result.ts'

export interface Time {
  readonly nowMs: number
  readonly wallMs: number
}

export function briefConnection(connection: ClientConnection): Fields {
  const { address, remotePort, queuedCount, figures } = connection
  return {
    remote_socket_address: `${hostText(address)}:${remotePort}`,
    interest_ops: 1,
    outstanding_requests: queuedCount,
    packets_received: figures.packetsReceived,
    packets_sent: figures.packetsSent,
  }
}

/** As `cons` has it: without a session there is nothing more to say. */
export function fullConnection(connection: ClientConnection, time: Time): Fields {
  const brief = briefConnection(connection)
  if (!connection.hasSession) return brief
  const { figures } = connection
  return {
    ...brief,
    session_id: sessionIdOf(connection.sessionHigh, connection.sessionLow),
    last_operation: shortOperationName(figures.lastOperation),
    established: Math.floor(time.wallMs - (time.nowMs - connection.openedMs)),
    session_timeout: connection.timeoutMs,
    last_cxid: figures.lastCxid,
    last_zxid: figures.lastZxid,
    last_response_time: Math.floor(figures.lastResponseMs),
    last_latency: Math.floor(figures.lastLatencyMs),
    min_latency: Math.floor(figures.minLatencyMs),
    avg_latency: Math.floor(figures.averageLatencyMs),
    max_latency: Math.floor(figures.maxLatencyMs),
  }
}
