import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { ZktuneError } from '../kernel/errors.ts'
import type { OutputFile } from '../tune/output/recommendation-files.ts'

/** Each file is there whole or not at all. @throws ZktuneError DiskFailed */
export function writeRecommendation(folder: string, files: readonly OutputFile[]): void {
  for (const { name, text } of files) {
    const path = join(folder, name)
    try {
      mkdirSync(dirname(path), { recursive: true })
      // A zoo.cfg has the bytes that the user's had; all else is ours.
      writeFileSync(`${path}.new`, text, name === 'zoo.cfg' ? 'latin1' : 'utf8')
      renameSync(`${path}.new`, path)
    } catch (error) {
      throw new ZktuneError('DiskFailed', {
        where: path,
        what: `it cannot be written: ${error instanceof Error ? error.message : String(error)}`,
        mend: `The trials are kept: zktune recommend --resume ${folder} writes it again.`,
        cause: error,
      })
    }
  }
}
