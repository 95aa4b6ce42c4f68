import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tlsConnectOptions } from '../io/tls-context.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import type { ServerRole } from './ensemble.ts'
import { ZktuneError } from '../kernel/errors.ts'

const ANSWER_SIZE_MAX = 1024 * 1024
/** What a server of this machine may take to answer, before it counts as one that does not. */
export const LOCAL_ASK_TIMEOUT_MS = 1_000

/**
 * Asks a server one of ZooKeeper's four letter words.
 *
 * @param tls null for a port in the clear
 * @returns its whole answer; empty when it closed without one
 * @throws ZktuneError CannotConnect or Timeout
 */
export function askServer(
  server: { readonly host: string; readonly port: number },
  word: string,
  timeoutMs: number,
  tls: TlsClientOptions | null = null,
): Promise<string> {
  const where = `${server.host}:${server.port}`
  return new Promise((resolve, reject) => {
    const socket: Socket =
      tls === null ? connect(server) : connectTls({ ...server, ...tlsConnectOptions(tls, server.host) })
    const chunks: Buffer[] = []
    let size = 0
    socket.setTimeout(timeoutMs, () => {
      socket.destroy()
      reject(
        new ZktuneError('Timeout', {
          where,
          what: `the server has not answered ${word} in ${timeoutMs} ms`,
          mend: 'Look into its log.',
        }),
      )
    })
    socket.once(tls === null ? 'connect' : 'secureConnect', () => socket.write(word))
    socket.on('data', (chunk) => {
      size += chunk.length
      if (size > ANSWER_SIZE_MAX) socket.destroy()
      else chunks.push(chunk)
    })
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()))
    socket.once('error', (error) => {
      if (size > 0) return // it answered and then reset: `close` follows and resolves
      reject(
        new ZktuneError('CannotConnect', {
          where,
          what: `the server cannot be asked ${word}: ${error.message}`,
          mend: 'See whether it runs.',
          cause: error,
        }),
      )
    })
  })
}

/** @returns the role that a server's answer to `srvr` names; `down` when it does not serve */
export function roleInAnswer(answer: string): ServerRole {
  const mode = /^Mode: (\S+)$/m.exec(answer)?.[1]
  switch (mode) {
    case 'leader':
    case 'follower':
    case 'observer':
    case 'standalone':
    case 'read-only':
      return mode
    default:
      return 'down'
  }
}

/** Whether a server says that it has no leader, as Apache's and ours do; one that may not be asked `srvr` says something else. */
export function saysNotServing(answer: string): boolean {
  return answer.includes('not currently serving requests')
}

/** The role of a server as it is now; `down` when it cannot be reached or does not serve. */
export async function askRole(
  server: { host: string; port: number },
  timeoutMs: number,
  tls: TlsClientOptions | null = null,
): Promise<ServerRole> {
  try {
    return roleInAnswer(await askServer(server, 'srvr', timeoutMs, tls))
  } catch (error) {
    if (error instanceof ZktuneError) return 'down'
    throw error
  }
}
