/** Every way in which an operation of zktune can fail for a reason outside the code. Callers branch on these. */
export type ErrorCode =
  | 'BadFrame' // bytes from a socket that are not what the protocol allows
  | 'BadConfigValue' // a zoo.cfg, profile or flag value that is out of its range or of the wrong kind
  | 'UnknownName' // a key, flag, profile or section that does not exist
  | 'UsageConflict' // two things asked for that exclude each other
  | 'DamagedFile' // a log or snapshot that fails its checksum where it must not
  | 'ForeignData' // a data folder that belongs to something else (Apache's version-2, another server)
  | 'DiskFailed' // the operating system refused or failed a read, write or sync
  | 'DiskLost' // a voter whose folder is empty though the ensemble is not new
  | 'PortInUse'
  | 'CannotListen'
  | 'CannotConnect'
  | 'ConnectionLost'
  | 'ServerFailed' // a server process ended or did not come up
  | 'Timeout'
  | 'Interrupted'
  | 'NotSupported'

export interface ErrorFacts {
  /** The file and line, the endpoint or the path: `zoo.cfg:3`, `127.0.0.1:2181`, `--duration`. */
  readonly where: string
  /** What is wrong, without a full stop. */
  readonly what: string
  /** What the reader can do about it, as a full sentence. */
  readonly mend: string
  readonly cause?: unknown
}

/** An operating error: says what, where, how to mend it. `cli/` alone turns it into text and an exit code. */
export class ZktuneError extends Error {
  override readonly name = 'ZktuneError'
  readonly code: ErrorCode
  readonly where: string
  readonly what: string
  readonly mend: string

  constructor(code: ErrorCode, facts: ErrorFacts) {
    super(
      `${facts.where}: ${facts.what}. ${facts.mend}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    )
    this.code = code
    this.where = facts.where
    this.what = facts.what
    this.mend = facts.mend
  }
}
