/** Whose a run's folder is: written into it, so that what a crash leaves behind can be told from what is in use. */
import { lstatSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'

/** In each folder that a run has made for itself. */
export const OWNER_FILE = 'zktune-owner.json'

/** A process, told from every other that had or will have its pid. */
export interface ProcessMark {
  readonly pid: number
  /** When it started, in the clock ticks of proc_pid_stat(5), field 22; null where the system does not tell. */
  readonly startTicks: number | null
}

export interface RunOwner {
  readonly madeBy: 'zktune'
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Where pids mean something: the machine, and the container. */
  readonly host: string
  /** Changes each time the machine starts; null where the system does not tell. */
  readonly bootId: string | null
  /** The zktune that made the folder, and takes it along when it ends. */
  readonly process: ProcessMark
  /** Those that it has started on these folders. */
  readonly servers: readonly ProcessMark[]
  /** All folders of the run; each has a file like this one. */
  readonly folders: readonly string[]
  /** Asked for by `--keep`. */
  readonly isKept: boolean
}

/** @param folders of the run; they are there */
export function newOwner(folders: readonly string[], isKept: boolean): RunOwner {
  return {
    madeBy: 'zktune',
    startedAt: new Date().toISOString(),
    host: hostHere(),
    bootId: bootIdHere(),
    process: markOf(process.pid),
    servers: [],
    folders,
    isKept,
  }
}

/** Into every folder of the run. */
export function writeOwner(owner: RunOwner): void {
  for (const folder of owner.folders) writeFileSync(join(folder, OWNER_FILE), `${JSON.stringify(owner, null, 2)}\n`)
}

/** @returns null for a folder without one, or whose word is not to be taken: of another user, or reached by a link */
export function readOwner(folder: string): RunOwner | null {
  try {
    const uid = process.getuid?.()
    for (const path of [folder, join(folder, OWNER_FILE)]) {
      const stat = lstatSync(path)
      if (stat.isSymbolicLink() || (uid !== undefined && stat.uid !== uid)) return null
    }
    const owner = JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')) as Partial<RunOwner> | null
    return owner?.madeBy === 'zktune' && owner.process !== undefined ? (owner as RunOwner) : null
  } catch {
    return null
  }
}

export function markOf(pid: number): ProcessMark {
  return { pid, startTicks: startTicksOf(pid) }
}

/** Of an owner who says that it is of this machine and container. */
export function isOfThisHost({ host }: RunOwner): boolean {
  return host === hostHere()
}

/** The machine has started anew since: no process of then lives. */
export function isOfEarlierBoot({ bootId }: RunOwner): boolean {
  return bootId !== null && bootId !== bootIdHere()
}

/**
 * - `alive`: this very process runs
 * - `gone`: it does not; if its pid is in use, then by another
 * - `unknown`: something runs under its pid, and the system does not tell when it started
 */
export function fateOf({ pid, startTicks }: ProcessMark): 'alive' | 'gone' | 'unknown' {
  const now = startTicksOf(pid)
  if (now !== null && startTicks !== null) return now === startTicks ? 'alive' : 'gone'
  if (process.platform === 'linux') return now === null ? 'gone' : 'unknown'
  return isInUse(pid) ? 'unknown' : 'gone'
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Null where there is no such process, or no /proc; a zombie has ended, too. */
function startTicksOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19])
  } catch {
    return null
  }
}

function hostHere(): string {
  try {
    return `${os.hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return os.hostname()
  }
}

function bootIdHere(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return null
  }
}
