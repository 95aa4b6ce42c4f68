import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ZktuneError } from '../kernel/errors.ts'
import type { BenchResult } from './bench-result.ts'
import { RESULT_FILE } from './run-record.ts'

/**
 * The result of a run that was kept.
 *
 * @param path the folder of the run, or a file with what `--json` printed
 * @throws ZktuneError UnknownName where there is nothing, BadConfigValue where there is something else
 */
export function readRun(path: string): BenchResult {
  let text: string
  try {
    text = readFileSync(statSync(path).isDirectory() ? join(path, RESULT_FILE) : path, 'utf8')
  } catch (error) {
    throw new ZktuneError('UnknownName', {
      where: path,
      what: 'there is no result of a run',
      mend: 'Name the folder of a run that has ended; zktune history lists those that were kept.',
      cause: error,
    })
  }
  const result = parsed(text)
  if (result !== null) return result
  throw new ZktuneError('BadConfigValue', {
    where: path,
    what: 'it is no result of zktune bench of this version',
    mend: 'Name the folder of a run, or a file with what zktune bench --json printed.',
  })
}

export interface KeptRun {
  readonly folder: string
  /** Null: it has not ended, or not well. */
  readonly result: BenchResult | null
}

/** The runs kept in a folder, the oldest first; none where the folder is not there. */
export function keptRuns(parent: string): readonly KeptRun[] {
  let names: string[]
  try {
    names = readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
  } catch {
    return []
  }
  return names.map((name) => {
    const folder = join(parent, name)
    try {
      return { folder, result: readRun(folder) }
    } catch {
      return { folder, result: null }
    }
  })
}

/** Of those that came last: a result without one of them was kept before this version. */
const WRITTEN_ALWAYS = ['disk', 'thresholds', 'rateSearch', 'scalability'] as const

function parsed(text: string): BenchResult | null {
  try {
    const document = JSON.parse(text) as Partial<BenchResult> | null
    const isOurs = document?.command === 'bench' && document.schemaVersion === 1 && Array.isArray(document.boots)
    return isOurs && WRITTEN_ALWAYS.every((key) => key in document) ? (document as BenchResult) : null
  } catch {
    return null
  }
}
