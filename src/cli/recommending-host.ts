/** What the machine of a tuning allows: bounds and starting points of its search, and what its page says of it. */
import { tmpdir } from 'node:os'
import { isAbsolute } from 'node:path'

import { probeFolder, writesOf } from '../measure/disk-probe.ts'
import type { DiskFigures } from '../measure/disk-probe.ts'
import type { Plan } from '../profile/plan.ts'
import type { RecommendingHost } from '../tune/output/recommendation.ts'
import { readZooCfg } from '../zoocfg/zoo-cfg.ts'
import { cgroupCores, cgroupMemoryBytes } from './cgroup.ts'
import { freeBytesAt, usableCores, usableMemoryBytes } from './host-facts.ts'
import type { RecommendFlags } from './options.ts'

/** Of each folder. */
const PROBE_MS = 400

/** What is known at once; the disks are measured by `probeLogDisks`. @param startText of the zoo.cfg; null: there is none */
export function hostNow(flags: RecommendFlags, startText: string | null): RecommendingHost {
  return {
    cores: usableCores(),
    memoryBytes: usableMemoryBytes(),
    roomBytes: freeBytesAt(foldersOf(flags, startText)),
    cgroup: { cores: cgroupCores(), memoryBytes: cgroupMemoryBytes() },
    disks: [],
  }
}

/**
 * Every folder that the log may lie in, one after the other.
 *
 * @param logDirs of `--log-dir`; empty: the log lies with the rest
 * @throws ZktuneError DiskFailed, Interrupted
 */
export async function probeLogDisks(
  plan: Plan,
  logDirs: readonly string[],
  signal: AbortSignal,
): Promise<readonly DiskFigures[]> {
  const folders = logDirs.length > 0 ? [...new Set(logDirs)] : [plan.logParent ?? plan.dataParent ?? tmpdir()]
  const disks: DiskFigures[] = []
  for (const folder of folders) disks.push(await probeFolder(folder, writesOf(plan.workload), PROBE_MS, signal))
  return disks
}

/** Where log and snapshots would lie, the log first, for it grows faster. */
function foldersOf({ logDir, dataDir }: RecommendFlags, startText: string | null): readonly string[] {
  const settings = startText === null ? null : readZooCfg('zoo.cfg', startText).settings
  const written = ['dataLogDir', 'dataDir'].flatMap((key) => settings?.get(key)?.value ?? [])
  return [...(logDir ?? []).slice(0, 1), ...(dataDir === undefined ? [] : [dataDir]), ...written].filter(isAbsolute)
}
