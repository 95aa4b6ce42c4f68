import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { onDisk, RESULT_FILE } from '../measure/run-record.ts'
import type { CompareResult, TrialRecord } from '../tune/compare-result.ts'

/**
 * All that is known of a comparison, in a folder of its own, written when it is known.
 *
 * ```
 * <parent>/2026-11-22T20-45-12-compare-42/
 *   trials.jsonl      a line for each trial, as soon as it has ended
 *   trials/           the whole run of each, as bench keeps it
 *   result.json       what --json prints
 * ```
 */
export class CompareRecord {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** @throws ZktuneError DiskFailed */
  static begin(parent: string, seed: number): CompareRecord {
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
    const name = `${time}-compare-${seed}`
    return onDisk(parent, 'the comparison', () => {
      let folder = join(parent, name)
      for (let copy = 2; existsSync(folder); copy++) folder = join(parent, `${name}-${copy}`)
      mkdirSync(join(folder, 'trials'), { recursive: true })
      return new CompareRecord(folder)
    })
  }

  /** Where the runs of the trials go. */
  get trials(): string {
    return join(this.folder, 'trials')
  }

  /** @throws ZktuneError DiskFailed */
  addTrial(trial: TrialRecord): void {
    const file = join(this.folder, 'trials.jsonl')
    onDisk(file, 'the comparison', () => appendFileSync(file, `${JSON.stringify(trial)}\n`))
  }

  /** @throws ZktuneError DiskFailed */
  end(result: CompareResult): void {
    const file = join(this.folder, RESULT_FILE)
    onDisk(file, 'the comparison', () => writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`))
  }
}

/**
 * The result of a comparison that was kept.
 *
 * @param path the folder, or a file with what `--json` printed
 * @returns null when there is something else, or nothing
 */
export function readComparison(path: string): CompareResult | null {
  try {
    const text = readFileSync(statSync(path).isDirectory() ? join(path, RESULT_FILE) : path, 'utf8')
    const document = JSON.parse(text) as Partial<CompareResult> | null
    const isOurs =
      document?.command === 'compare' && document.schemaVersion === 1 && Array.isArray(document.comparisons)
    return isOurs ? (document as CompareResult) : null
  } catch {
    return null
  }
}
