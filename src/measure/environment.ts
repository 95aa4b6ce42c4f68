import { readFileSync, statSync } from 'node:fs'
import os from 'node:os'
import { fileSystemType } from '../io/file-system-type.ts'
import type { Plan } from '../profile/plan.ts'
import type { Durability, Environment } from './bench-result.ts'

/** Folders of the servers; what lies on them counts for all, for all lie beside each other. */
export interface DataFolders {
  readonly dataFolder: string
  /** Null: with the data. */
  readonly logFolder: string | null
}

/** In memory alone: a sync there is no sync. */
const MEMORY_FILE_SYSTEMS: readonly string[] = ['tmpfs', 'ramfs']

export function environmentOf({ dataFolder, logFolder }: DataFolders): Omit<Environment, 'tls'> {
  return {
    zktune: ownVersion(),
    node: process.version,
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    clockResolutionUs: clockResolutionUs(),
    dataFileSystem: fileSystemType(dataFolder),
    logFileSystem: fileSystemType(logFolder ?? dataFolder),
    isLogApart: logFolder === null ? null : isOnOtherDevice(dataFolder, logFolder),
  }
}

/** @returns null when one of them cannot be looked at */
function isOnOtherDevice(one: string, other: string): boolean | null {
  try {
    return statSync(one).dev !== statSync(other).dev
  } catch {
    return null
  }
}

/**
 * What an acknowledged write has behind it. On Linux fdatasync reaches the device; macOS answers it from a cache of the
 * drive, and of other systems we do not know.
 */
export function durabilityOf(
  plan: Pick<Plan, 'isUnsafe'>,
  logFileSystem: string | null,
  platform: NodeJS.Platform,
): Durability {
  if (plan.isUnsafe) return 'unsynced'
  if (logFileSystem !== null && MEMORY_FILE_SYSTEMS.includes(logFileSystem)) return 'unsynced'
  return platform === 'linux' && logFileSystem !== null ? 'synced' : 'unknown'
}

/** The same for a plan that has not run yet. */
export function plannedDurability(plan: Plan): Durability {
  // What runs elsewhere says what it does; this machine's file systems do not.
  if (plan.remote !== null) return 'unknown'
  return durabilityOf(plan, fileSystemType(plan.logParent ?? plan.dataParent ?? os.tmpdir()), process.platform)
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}

const CLOCK_STEPS = 1_000

/** The smallest of many steps, in microseconds: a clock that is read faster than it ticks shows its tick, any other what reading it takes. */
function clockResolutionUs(): number {
  let least = Infinity
  for (let steps = 0, last = performance.now(); steps < CLOCK_STEPS;) {
    const now = performance.now()
    if (now <= last) continue
    least = Math.min(least, now - last)
    last = now
    steps++
  }
  return Number((least * 1_000).toPrecision(3))
}
