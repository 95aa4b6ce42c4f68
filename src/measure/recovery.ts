/** How long a server takes to come back: with what it missed, and with nothing, from the others. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ensemble, ServerControl, ServerReturn } from '../ensemble/ensemble.ts'
import { openEnsemble } from '../ensemble/open-ensemble.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { overlaidPlan } from '../profile/plan-overlay.ts'
import type { Plan } from '../profile/plan.ts'
import type { BenchProgress } from './run-bench.ts'
import { clientOf, SteadyWriters } from './steady-writers.ts'

/** What the servers hold while one of them is away. */
export interface TreeSize {
  readonly znodes: number
  /** Of each one's value. */
  readonly valueBytes: number
}

export interface RecoveryResult {
  readonly tree: TreeSize
  readonly returns: readonly RecoveredServer[]
}

export interface RecoveredServer extends ServerReturn {
  readonly server: number
  /** data: all that it had, as with its machine; nothing: it was stopped. */
  readonly lost: 'nothing' | 'data'
  /** From its stop until it was started again. */
  readonly awayMs: number
  /** Writes that the others acknowledged meanwhile. */
  readonly missedWrites: number
}

export interface RecoveryOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (progress: BenchProgress) => void
  readonly onLeftBehind?: (error: Error) => void
}

/** With fewer the others decide nothing while one is away. */
export const RECOVERY_VOTERS_MIN = 3
/** The longest of several counts. */
const SERVERS = 2
/** A restart by hand, or by whatever watches over the process. */
const AWAY_MS = 2_000
const GIVE_UP_MS = 600_000
const SETTLED_POLL_MS = 50
const IN_FLIGHT = 128
const FOLDER_SIZE = 1_000
const ROOT = '/zktune-tree'

/**
 * Boots the plan's ensemble, gives it a tree, and under light writes stops followers, and takes the data of each the second time.
 * Where the servers would give up before they have synced, they are given more time: how much they need is what is asked.
 *
 * @throws ZktuneError Interrupted; Timeout, ServerFailed and the like when a server does not come back
 */
export async function measureRecovery(plan: Plan, tree: TreeSize, options: RecoveryOptions): Promise<RecoveryResult> {
  const { signal, onLeftBehind } = options
  const tell = (phase: string): void =>
    options.onProgress?.({ phase, totalMs: null, operations: 0, errors: 0, opsPerSecond: null })
  tell('booting servers to stop')
  await using ensemble = await openEnsemble(patient(plan), {
    signal,
    ...(onLeftBehind === undefined ? {} : { onLeftBehind }),
  })
  const { control } = ensemble
  if (control === null) throw new RangeError('servers elsewhere are not stopped')
  await growTree(ensemble, tree, signal, (made) => tell(`znode ${made} of ${tree.znodes}`))
  await using writers = await SteadyWriters.open(ensemble, signal)
  const followers = (await ensemble.servers()).filter(({ role }) => role === 'follower').slice(0, SERVERS)
  const returns: RecoveredServer[] = []
  for (const lost of ['nothing', 'data'] as const) {
    for (const { id } of followers) {
      tell(lost === 'data' ? `server ${id} without its data` : `server ${id} stopped for a while`)
      await settled(ensemble, signal)
      returns.push(await comeBack({ control, writers, signal }, id, lost))
    }
  }
  return { tree, returns }
}

async function comeBack(
  { control, writers, signal }: { control: ServerControl; writers: SteadyWriters; signal: AbortSignal },
  server: number,
  lost: RecoveredServer['lost'],
): Promise<RecoveredServer> {
  await control.stop(server)
  const stoppedMs = performance.now()
  const before = writers.acknowledged
  if (lost === 'data') control.loseData(server)
  await sleep(AWAY_MS)
  signal.throwIfAborted()
  const [awayMs, missedWrites] = [performance.now() - stoppedMs, writers.acknowledged - before]
  const took = await control.start(server, { timeoutMs: GIVE_UP_MS, signal })
  return { server, lost, awayMs, missedWrites, ...took }
}

/** All serve, and one leads. */
async function settled(ensemble: Ensemble, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + GIVE_UP_MS
  for (;;) {
    const roles = (await ensemble.servers()).map(({ role }) => role)
    if (!roles.includes('down') && roles.filter((role) => role === 'leader').length === 1) return
    signal.throwIfAborted()
    if (performance.now() > deadlineMs) {
      throw new ZktuneError('Timeout', {
        where: 'ensemble',
        what: `its servers were ${roles.join(', ')} after ${GIVE_UP_MS} ms`,
        mend: 'Look into the logs of the servers (--keep).',
      })
    }
    await sleep(SETTLED_POLL_MS)
  }
}

function patient(plan: Plan): Plan {
  const numberOf = (key: string, fallback: number): number =>
    Number(plan.settings.findLast((setting) => setting.key === key)?.value ?? fallback)
  const ticks = Math.ceil(GIVE_UP_MS / numberOf('tickTime', 3_000))
  const limit = (key: string): string => String(Math.max(ticks, numberOf(key, 0)))
  return overlaidPlan(plan, { initLimit: limit('initLimit'), syncLimit: limit('syncLimit') }, 'recovery')
}

async function growTree(
  ensemble: Ensemble,
  { znodes, valueBytes }: TreeSize,
  signal: AbortSignal,
  onMade: (count: number) => void,
): Promise<void> {
  const client = clientOf(ensemble)
  try {
    await client.connected({ signal, timeoutMs: GIVE_UP_MS })
    await client.create(ROOT)
    const value = Buffer.alloc(valueBytes, 'zktune times a sync ')
    let next = 0
    const grow = async (): Promise<void> => {
      for (let index = next++; index < znodes; index = next++) {
        signal.throwIfAborted()
        if (index % FOLDER_SIZE === 0) onMade(index)
        await client.create(`${ROOT}/${Math.floor(index / FOLDER_SIZE)}/${index}`, value)
      }
    }
    for (let folder = 0; folder * FOLDER_SIZE < znodes; folder++) await client.create(`${ROOT}/${folder}`)
    await Promise.all(Array.from({ length: IN_FLIGHT }, grow))
  } finally {
    await client.close({ deadlineMs: 1_000 })
  }
}
