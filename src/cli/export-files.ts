/** `--export FILE`, as often as wanted: a result beside what is printed, in the form that the file's ending names. */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { ZktuneError } from '../kernel/errors.ts'
import type { Fault } from '../kernel/faults.ts'

/** What a result is as a file of each ending, such as `.json`. */
export type ExportForms = Readonly<Record<string, () => string>>

const MEND = 'Name a file in a folder that you may write to.'

/** Before anything starts: a run of minutes is not lost to a folder that is not there. */
export function checkExports(files: readonly string[], endings: readonly string[], faults: Fault[]): void {
  for (const file of files) {
    const where = `--export ${file}`
    if (!endings.includes(extname(file))) {
      const what = 'its ending names no form that this result has'
      faults.push({ code: 'BadConfigValue', where, what, mend: `Let it end in ${endings.join(' or ')}.` })
      continue
    }
    try {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error('this is a folder')
      accessSync(dirname(file), constants.W_OK)
    } catch (error) {
      const what = `it cannot be written: ${error instanceof Error ? error.message : String(error)}`
      faults.push({ code: 'BadConfigValue', where, what, mend: MEND })
    }
  }
}

/**
 * Writes over what is there, for the next run of a script means the same file.
 *
 * @throws ZktuneError DiskFailed
 */
export function writeExports(files: readonly string[], forms: ExportForms): void {
  for (const file of files) {
    try {
      writeFileSync(file, forms[extname(file)]?.() ?? '')
    } catch (error) {
      const what = `it cannot be written: ${error instanceof Error ? error.message : String(error)}`
      throw new ZktuneError('DiskFailed', { where: `--export ${file}`, what, mend: MEND, cause: error })
    }
  }
}
