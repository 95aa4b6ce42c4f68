import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import os from 'node:os'
import { dirname, join, resolve } from 'node:path'

import { fileSystemType } from '../io/file-system-type.ts'
import { cgroupCores, cgroupMemoryBytes } from './cgroup.ts'
import type { FolderFacts, HostFacts } from '../zoocfg/lint/host-facts.ts'

/**
 * What this machine says about a server's folders. Null when its dataDir is not here: then the file is for another
 * machine, whose disks, memory and limits are not those of this one.
 *
 * @param dataLogDir null when it is not set
 */
export function hostFactsOf(dataDir: string, dataLogDir: string | null): HostFacts | null {
  if (!existsSync(dataDir)) return null
  return {
    dataDir: folderFacts(dataDir),
    dataLogDir: dataLogDir === null ? null : folderFacts(dataLogDir),
    memoryBytes: usableMemoryBytes(),
    cores: usableCores(),
    openFiles: openFilesLimit(),
    somaxconn: numberIn('/proc/sys/net/core/somaxconn'),
  }
}

function folderFacts(folder: string): FolderFacts | null {
  const path = resolve(folder)
  let existing = path
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing)
  try {
    const dataFolder = join(path, 'version-2')
    const dataFiles = existsSync(dataFolder) ? readdirSync(dataFolder) : null
    const snapshots = (dataFiles ?? []).filter((name) => name.startsWith('snapshot.'))
    const newest = snapshots
      .map((name) => statSync(join(dataFolder, name)))
      .sort((one, other) => other.mtimeMs - one.mtimeMs)[0]
    return {
      device: statSync(existing).dev,
      fileSystem: fileSystemType(path),
      isWritable: isWritable(existing),
      exists: existing === path,
      dataFiles,
      snapshotSizeBytes: newest?.size ?? null,
    }
  } catch {
    return null // not ours to look at
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}

/** Threads that can run at once: the machine's, or as many as the cgroup gives time to, a part counting as one. */
export function usableCores(): number {
  return Math.min(os.availableParallelism(), Math.ceil(cgroupCores() ?? Infinity))
}

/** What a process may use: the smaller of the machine's and the cgroup's. */
export function usableMemoryBytes(): number {
  return Math.min(os.totalmem(), cgroupMemoryBytes() ?? Infinity)
}

/** Free on the device of the first of these folders that is here; null: none is. */
export function freeBytesAt(folders: readonly string[]): number | null {
  const folder = folders.find((each) => existsSync(each))
  if (folder === undefined) return null
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Source: proc_pid_limits(5): `Max open files  soft  hard  files`. */
function openFilesLimit(): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(textIn('/proc/self/limits') ?? '')?.[1]
  return soft === undefined ? null : Number(soft)
}

function numberIn(file: string): number | null {
  const text = textIn(file)?.trim() ?? ''
  return /^\d+$/.test(text) ? Number(text) : null
}

function textIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null // not Linux, or not to be read
  }
}
