import { resolve } from 'node:path'

import type { LocalEnsemble, LocalRunningServer } from '../ensemble/local-ensemble.ts'
import { startPlannedEnsemble } from '../ensemble/start-ensemble.ts'
import type { RunOptions } from '../ensemble/start-ensemble.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseCount } from '../kernel/quantity.ts'
import { ensembleSizeText } from '../profile/ensemble-size.ts'
import { refuseUnlessCan } from '../profile/engine.ts'
import { DEFAULT_PROFILES } from '../profile/plan-of.ts'
import type { Plan } from '../profile/plan.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { linksText } from '../report/links-text.ts'
import { planText } from '../report/plan-text.ts'
import { upText } from '../report/up-text.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { UpFlags } from './options.ts'
import { readPlan, sourceOf, withSources } from './plan-source.ts'
import { ServerWatch } from './server-watch.ts'
import type { Shell } from './shell.ts'

const ZOOKEEPER_PORT = 2181
const PORT_MAX = 65_535

/** Boots an ensemble, says where it is, and keeps it until the signal. */
export async function up(flags: UpFlags, shell: Shell): Promise<ExitCode> {
  const { progress, signal } = shell
  const faults: Fault[] = []
  const port = gather(faults, () => readPort(flags))
  refuseTwoPlaces(flags, faults)
  if (flags.engine === 'remote') refuseUnlessCan('remote', 'boot', '--engine remote', faults)
  throwFaults(faults)
  const plan = withSources(readPlan(flags, faults), shell.settings)
  refuseWorkload(plan)
  if (flags.printConfig === true) {
    const shown = shownPlan(plan)
    shell.print(
      flags.json === true
        ? `${JSON.stringify(shown, null, 2)}\n`
        : planText(shown, shell.terminal, (flag) => sourceOf(flag, shell.settings)),
    )
    return EXIT.done
  }

  for (const { where, what, mend } of plan.remarks) progress.note(`${where}: ${what}. ${mend}`)
  progress.show({
    phase: `booting ${ensembleSizeText(plan)}`,
    totalMs: null,
    opsPerSecond: null,
  })
  const watch = new ServerWatch((text) => progress.note(text))
  const ensemble = await boot(plan, port, shell, {
    signal,
    keep: flags.keep === true,
    folder: flags.data === undefined ? null : resolve(flags.data),
    onServerExit: (id, code, killedBy) => watch.onExit(id, killedBy ?? `exit code ${code}`),
  })
  try {
    const servers = await ensemble.servers()
    watch.start(ensemble, servers)
    progress.end()
    shell.print(flags.json === true ? readyLine(ensemble, servers) : readyText(plan, ensemble, servers, flags, shell))
    await untilAborted(signal)
  } finally {
    watch.stop()
    await ensemble.stop()
  }
  progress.note(flags.keep === true && flags.data === undefined ? `Stopped. Kept: ${ensemble.folder}` : 'Stopped.')
  return EXIT.interrupted
}

function readPort(flags: UpFlags): number | null {
  if (flags.port === undefined) return null
  return parseCount(flags.port, { where: '--port', min: 1, max: PORT_MAX })
}

function refuseTwoPlaces(flags: UpFlags, faults: Fault[]): void {
  const other = flags.dataDir !== undefined ? '--data-dir' : '--log-dir'
  if (flags.data === undefined || (flags.dataDir === undefined && flags.logDir === undefined)) return
  const what = `it keeps all that the servers have in one folder, and ${other} puts a part elsewhere, for this run alone`
  faults.push({ code: 'UsageConflict', where: '--data', what, mend: 'Give one of the two.' })
}

/** A workload would be taken and do nothing: what clients do is up to the clients here. */
function refuseWorkload(plan: Plan): void {
  const { name } = plan.workload
  if (name === DEFAULT_PROFILES.workload) return
  throw new ZktuneError('UsageConflict', {
    where: '--profile',
    what: `"${name}" is a workload, and zktune up puts no load on its ensemble`,
    mend: `Leave it out, or measure it: zktune bench --workload ${name}`,
  })
}

/** Without a port that was asked for: ZooKeeper's own when they are free. */
async function boot(plan: Plan, port: number | null, shell: Shell, options: RunOptions): Promise<LocalEnsemble> {
  if (port !== null) return await startPlannedEnsemble(plan, { ...options, firstClientPort: port })
  try {
    return await startPlannedEnsemble(plan, { ...options, firstClientPort: ZOOKEEPER_PORT })
  } catch (error) {
    if (!(error instanceof ZktuneError) || error.code !== 'PortInUse') throw error
    shell.progress.note(`${error.where} is taken: free ports are used instead.`)
    return await startPlannedEnsemble(plan, options)
  }
}

function readyLine(ensemble: LocalEnsemble, servers: readonly LocalRunningServer[]): string {
  const shown = servers.map(({ id, pid, role, clientPort, adminPort, dataDir, config }) => {
    return { id, pid, role, clientPort, adminPort, dataDir, config }
  })
  return `${JSON.stringify({ hosts: ensemble.hosts, tls: ensemble.tls?.files ?? null, servers: shown })}\n`
}

function readyText(
  plan: Plan,
  ensemble: LocalEnsemble,
  servers: readonly LocalRunningServer[],
  flags: UpFlags,
  shell: Shell,
): string {
  const { isUnsafe, notHonoured } = plan
  const keptIn = flags.data === undefined ? null : resolve(flags.data)
  return upText(
    {
      hosts: ensemble.hosts,
      bootMs: ensemble.bootMs,
      tls: ensemble.tls?.files ?? null,
      auth: plan.clients.auth,
      servers,
      keptIn,
      isUnsafe,
      links: linksText(plan.links),
      notHonoured,
    },
    shell.terminal,
  )
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
