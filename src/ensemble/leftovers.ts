/** What runs that crashed have left on this machine: their folders, and servers that outlived them. */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fateOf, isOfEarlierBoot, isOfThisHost, readOwner, type ProcessMark, type RunOwner } from './run-owner.ts'

export interface Leftover {
  /** The folder that it was found by. */
  readonly folder: string
  /** When the run began: ISO 8601, UTC. */
  readonly startedAt: string
  /** Of the zktune that is gone. */
  readonly pid: number
  /** What is removed; empty for a run that was to be kept. */
  readonly folders: readonly string[]
  readonly sizeBytes: number
  /** Its servers that still run; they are ended. */
  readonly servers: readonly number[]
  /** By `--keep`: its folders stay. */
  readonly isKept: boolean
}

/** A folder of a run that is left alone, and why. */
export interface LeftAlone {
  readonly folder: string
  /** The end of a sentence that begins with the folder. */
  readonly because: string
}

export interface Found {
  readonly leftovers: readonly Leftover[]
  readonly leftAlone: readonly LeftAlone[]
}

const STOP_DEADLINE_MS = 4_000
const POLL_MS = 20

/** @param parents folders in which runs make their own; those that are not there hold none */
export function findLeftovers(parents: readonly string[]): Found {
  const leftovers: Leftover[] = []
  const leftAlone: LeftAlone[] = []
  const seen = new Set<string>()
  for (const folder of parents.flatMap(runFoldersIn)) {
    const owner = readOwner(folder)
    if (owner === null || seen.has(folder)) continue
    const because = whyInUse(owner)
    if (because !== null) {
      leftAlone.push({ folder, because })
      continue
    }
    // Each folder has to say for itself that it is of this run: a list in a file is no proof.
    const folders = owner.folders.map((each) => resolve(each)).filter((each) => isOfRun(each, owner))
    for (const each of folders) seen.add(each)
    const servers = isOfEarlierBoot(owner) ? [] : owner.servers.filter((server) => fateOf(server) === 'alive')
    if (owner.isKept && servers.length === 0) continue
    leftovers.push({
      folder,
      startedAt: owner.startedAt,
      pid: owner.process.pid,
      folders: owner.isKept ? [] : folders,
      sizeBytes: owner.isKept ? 0 : folders.reduce((sum, each) => sum + sizeOf(each), 0),
      servers: servers.map(({ pid }) => pid),
      isKept: owner.isKept,
    })
  }
  return { leftovers, leftAlone }
}

/** Ends the servers, then removes the folders. Looks again at who they are first: pids are used again. */
export async function removeLeftover({ folder, folders }: Leftover): Promise<void> {
  const owner = readOwner(folder)
  if (owner === null || whyInUse(owner) !== null) return
  if (!isOfEarlierBoot(owner)) await Promise.all(owner.servers.map(endServer))
  for (const each of folders) if (isOfRun(each, owner)) rmSync(each, { recursive: true, force: true, maxRetries: 3 })
}

/** Why its folders are not for us to remove; null: the zktune that made them is gone. */
function whyInUse(owner: RunOwner): string | null {
  if (!isOfThisHost(owner)) return `is of another machine or container (${owner.host})`
  if (isOfEarlierBoot(owner)) return null
  const { pid } = owner.process
  switch (fateOf(owner.process)) {
    case 'alive':
      return `is in use by zktune, pid ${pid}`
    case 'unknown':
      return `may be in use by pid ${pid}`
    case 'gone':
      return null
  }
}

function isOfRun(folder: string, { process: mark, startedAt }: RunOwner): boolean {
  const owner = isRunFolder(basename(folder)) ? readOwner(folder) : null
  return owner?.startedAt === startedAt && owner.process.pid === mark.pid
}

async function endServer(server: ProcessMark): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (fateOf(server) === 'alive') process.kill(server.pid, name)
    } catch {
      // gone meanwhile
    }
  }
  signal('SIGTERM')
  const deadlineMs = performance.now() + STOP_DEADLINE_MS
  while (fateOf(server) === 'alive' && performance.now() < deadlineMs) {
    await new Promise((resolveTurn) => setTimeout(resolveTurn, POLL_MS))
  }
  signal('SIGKILL')
}

function runFoldersIn(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isRunFolder(entry.name))
      .map(({ name }) => join(resolve(parent), name))
  } catch {
    return []
  }
}

/** As `mkdtemp` names them. */
function isRunFolder(name: string): boolean {
  return /^zktune-(?:probe-)?[A-Za-z0-9]{6}$/.test(name)
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  } catch {
    return 0 // going just now
  }
}
