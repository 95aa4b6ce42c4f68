/** What the machine of a server says about the folders and limits that its configuration leans on. */

export interface FolderFacts {
  /** Device number, for telling whether two folders share a device. */
  readonly device: number
  /** `tmpfs`, `ext4`; null when the system does not tell. */
  readonly fileSystem: string | null
  /** Of the nearest folder above that exists, when the folder itself does not. */
  readonly isWritable: boolean
  readonly exists: boolean
  /** Files in `version-2` below it; null when there is no such folder. */
  readonly dataFiles: readonly string[] | null
  /** Of the newest snapshot; null without any. */
  readonly snapshotSizeBytes: number | null
}

/** Null: not known, and nothing is said about it. */
export interface HostFacts {
  readonly dataDir: FolderFacts | null
  readonly dataLogDir: FolderFacts | null
  /** What a process may use: the smaller of the machine's and the cgroup's. */
  readonly memoryBytes: number | null
  readonly cores: number | null
  /** Soft limit of open files. */
  readonly openFiles: number | null
  readonly somaxconn: number | null
}

/** The Java side of a server: what `java.env`, `zookeeper-env.sh` or the command line gives the JVM. */
export interface JvmOptions {
  /** For findings. */
  readonly file: string
  /** `-D` options by name, `zookeeper.` included. */
  readonly properties: ReadonlyMap<string, string>
  /** Where each of them stands, from 1. */
  readonly lines: ReadonlyMap<string, number>
  readonly heapMaxBytes: number | null
}
