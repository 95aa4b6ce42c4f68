import { startEnsemble } from '../../src/ensemble/start-ensemble.ts'
import { digestId, SUPER } from './pools.ts'
import type { Target } from './conversation.ts'

export interface RunningTarget extends Target, AsyncDisposable {}

const SERVING_DEADLINE_MS = 60_000

/** Quick, and the same for both: sessions that last, no reaping by the clock in the middle of a sequence. */
const SETTINGS = {
  tickTime: '500',
  initLimit: '20',
  syncLimit: '20',
  minSessionTimeout: '1000',
  maxSessionTimeout: '60000',
  maxClientCnxns: '0',
  forceSync: 'no',
  preAllocSize: '4096',
  extendedTypesEnabled: 'true',
  enforceQuota: 'true',
  'znode.container.checkIntervalMs': '100000000',
  'admin.enableServer': 'false',
  '4lw.commands.whitelist': '*',
  'DigestAuthenticationProvider.superDigest': digestId(SUPER),
}

/** @throws when Debian's packages are missing: a skipped test would prove nothing */
export async function startApacheTarget(servers: number): Promise<RunningTarget> {
  return await startTarget('Apache ZooKeeper 3.8.0', servers, 'apache')
}

export async function startOwnTarget(servers: number): Promise<RunningTarget> {
  return await startTarget('zktune', servers, 'builtin')
}

async function startTarget(name: string, replicas: number, engine: 'builtin' | 'apache'): Promise<RunningTarget> {
  const ensemble = await startEnsemble({
    engine,
    replicas,
    settings: SETTINGS,
    heapBytes: 256 * 2 ** 20,
    readyTimeoutMs: SERVING_DEADLINE_MS,
  })
  const servers = await ensemble.servers()
  return {
    name,
    ports: servers.map(({ clientPort }) => clientPort),
    [Symbol.asyncDispose]: () => ensemble.stop(),
  }
}
