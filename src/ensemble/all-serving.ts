/** Waiting for servers that have been started. */
import { setTimeout as delay } from 'node:timers/promises'
import { ZktuneError } from '../kernel/errors.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import { askServer, roleInAnswer, saysNotServing, LOCAL_ASK_TIMEOUT_MS } from './four-letter-word.ts'
import type { LocalServer } from './local-server.ts'
import { tailOf } from './server-process.ts'

const ROLE_POLL_MS = 20

/** When to give up. */
export interface Patience {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Resolves when all serve at once; rejects at the first one that ends, at the deadline, or when the caller gives up. */
export async function allServing(
  servers: readonly LocalServer[],
  tls: TlsClientOptions | null,
  { timeoutMs, signal }: Patience,
): Promise<void> {
  let waiting = servers
  const all = async (): Promise<void> => {
    await Promise.all(
      servers.map(async (server) => {
        await server.process.serving
        waiting = waiting.filter((each) => each !== server)
      }),
    )
    // Who comes up a moment after the first leader may lead in its place, and the others do not serve until it does.
    while ((waiting = await unsettled(servers, tls)).length > 0) await delay(ROLE_POLL_MS)
  }
  let deadline: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const givenUp = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => reject(notReady(waiting, timeoutMs)), timeoutMs)
    onAbort = () => reject(interrupted())
    signal?.addEventListener('abort', onAbort)
  })
  try {
    await Promise.race([all(), givenUp])
  } finally {
    clearTimeout(deadline)
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
  }
}

/** Those that say that they do not serve, and those that lead while another one does: of these all but one are about to hear of it. */
async function unsettled(
  servers: readonly LocalServer[],
  tls: TlsClientOptions | null,
): Promise<readonly LocalServer[]> {
  const asked = servers.map(async (server) => {
    const address = { host: '127.0.0.1', port: server.clientPort }
    return { server, answer: await askServer(address, 'srvr', LOCAL_ASK_TIMEOUT_MS, tls).catch(() => '') }
  })
  const told = await Promise.all(asked)
  const down = told.filter(({ answer }) => saysNotServing(answer))
  const leaders = told.filter(({ answer }) => roleInAnswer(answer) === 'leader')
  return [...down, ...(leaders.length > 1 ? leaders : [])].map(({ server }) => server)
}

function notReady(waiting: readonly LocalServer[], timeoutMs: number): ZktuneError {
  const ids = waiting.map(({ place }) => place.id).join(', ')
  const first = waiting[0]
  const tail = first === undefined ? '' : tailOf(first.place.printed)
  return new ZktuneError('Timeout', {
    where: waiting.length === 1 ? `server ${ids}` : `servers ${ids}`,
    what: `not serving after ${timeoutMs} ms${tail === '' ? '' : `; server ${first?.place.id} printed:\n${tail}\n`}`,
    mend: 'See whether the machine is overloaded, or allow more time.',
  })
}

export function interrupted(): ZktuneError {
  return new ZktuneError('Interrupted', {
    where: 'ensemble',
    what: 'its start was interrupted',
    mend: 'Nothing is left behind; start it again.',
  })
}
