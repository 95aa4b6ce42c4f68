/**
 * The file that a tuning can be taken up from: a line of JSON for each thing that is known, on disk before the next begins.
 * It is only ever appended to. A last line that a crash has cut is dropped; a damaged line before it is an error, for then
 * nobody knows what else is missing.
 */
import { ZktuneError } from '../../kernel/errors.ts'
import type { Disk, OpenFile } from '../../kernel/ports.ts'

export const JOURNAL_FILE = 'journal.ndjson'

export interface OpenedJournal {
  readonly journal: Journal
  /** What it held already, in order. */
  readonly entries: readonly unknown[]
}

export class Journal {
  readonly #file: OpenFile
  #position: number

  private constructor(file: OpenFile, position: number) {
    this.#file = file
    this.#position = position
  }

  /**
   * Makes the folder and the file when they are missing.
   *
   * @throws ZktuneError DamagedFile, or DiskFailed
   */
  static open(disk: Disk, folder: string): OpenedJournal {
    const path = `${folder}/${JOURNAL_FILE}`
    disk.makeFolder(folder)
    const bytes = disk.exists(path) ? disk.read(path) : Buffer.alloc(0)
    const end = bytes.lastIndexOf(0x0a) + 1
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)
    const entries = lines.map((line, index) => parsed(line, `${path}:${index + 1}`))
    const file = disk.open(path)
    if (end < bytes.length) file.resizeNow(end)
    disk.syncFolder(folder)
    return { journal: new Journal(file, end), entries }
  }

  /** Durable when it returns. */
  append(entry: object): void {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`)
    this.#file.writeAndSyncNow(bytes, this.#position)
    this.#position += bytes.length
  }

  close(): void {
    this.#file.closeNow()
  }
}

function parsed(line: string, where: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (cause) {
    throw new ZktuneError('DamagedFile', {
      where,
      what: 'this line of the journal is no JSON, and it is not the last one',
      mend: 'Delete it and all lines after it to go on from there, or begin anew in another folder.',
      cause,
    })
  }
}
