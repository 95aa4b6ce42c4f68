import type { ClientSettings } from './client/client-options.ts'
import { ZooKeeperClient } from './client/zookeeper-client.ts'
import { readClientTls, type ClientTlsOptions } from './io/client-tls.ts'
import { RealClock } from './io/real-clock.ts'
import { RealEntropy } from './io/real-entropy.ts'
import { RealNetwork } from './io/real-network.ts'

export type { CreateOptions, Data, WatchOptions } from './client/client-options.ts'
export type { ClientRequest } from './client/client-request.ts'
export type { ClientState } from './client/client-session.ts'
export type { Transaction, TransactionResult } from './client/transaction.ts'
export type { WatchCallback, ZnodeEvent, ZnodeEventKind } from './client/watch-registry.ts'
export { ZooKeeperClient } from './client/zookeeper-client.ts'
export { TransactionError, ZooKeeperError } from './client/zookeeper-error.ts'
export type { ZnodeStat } from './client/znode-stat.ts'
export type { LocalEnsemble, LocalRunningServer } from './ensemble/local-ensemble.ts'
export type { Ensemble, RunningServer, ServerRole } from './ensemble/ensemble.ts'
export type { ServerEvent, ServerEventKind } from './ensemble/server-event.ts'
export { startEnsemble, type EnsembleOptions } from './ensemble/start-ensemble.ts'
export type { ClientTlsOptions } from './io/client-tls.ts'
export { ZktuneError } from './kernel/errors.ts'
export { OPEN_ACL, Permission, type Acl } from './protocol/acl.ts'
export type { CreateModeName } from './protocol/create-mode.ts'
export { OpCode } from './protocol/op-code.ts'
export type { ClientInfo } from './protocol/who-am-i.ts'
export { WireError } from './protocol/wire-error.ts'

export interface ConnectOptions extends Omit<ClientSettings, 'tls'> {
  /** Speak TLS; `true` trusts the authorities that come with Node. Default: in the clear. */
  readonly tls?: ClientTlsOptions | boolean
  /** Gives up on connecting; later on it has no effect. */
  readonly signal?: AbortSignal
  /** How long to try, in milliseconds. Default: the session timeout. */
  readonly connectTimeoutMs?: number
}

/**
 * Connects to a ZooKeeper ensemble, ours or any other.
 *
 *     await using client = await connect('localhost:2181')
 *     await client.create('/test', 'data')
 *     await client.create('/test/me', '', { mode: 'ephemeral' })
 *
 * @param connectString `host:port,host:port/root`
 * @throws ZktuneError BadConfigValue or CannotConnect; ZooKeeperError when the session is refused
 */
export async function connect(connectString: string, options: ConnectOptions = {}): Promise<ZooKeeperClient> {
  const { signal, connectTimeoutMs, tls = false, ...settings } = options
  signal?.throwIfAborted()
  const client = new ZooKeeperClient({
    ...settings,
    ...(tls === false ? {} : { tls: readClientTls(tls === true ? {} : tls) }),
    connectString,
    network: new RealNetwork(),
    clock: new RealClock(),
    entropy: new RealEntropy(),
  })
  try {
    await client.connected({ signal, ...(connectTimeoutMs === undefined ? {} : { timeoutMs: connectTimeoutMs }) })
    return client
  } catch (error) {
    await client.close()
    throw error
  }
}
