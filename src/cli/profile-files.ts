import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ZktuneError } from '../kernel/errors.ts'
import { CONCERNS } from '../profile/profile.ts'
import type { ProfileText } from '../profile/profile-text.ts'

/** Beside `dist/` and `src/` alike, so also in an installed package. */
const SHIPPED = fileURLToPath(new URL('../../profiles', import.meta.url))

/** The texts of the profiles that come with zktune: `profiles/<concern>/<name>.ini`. */
export function readShippedProfiles(): readonly ProfileText[] {
  return CONCERNS.flatMap((concern) =>
    readdirSync(join(SHIPPED, concern))
      .filter((file) => file.endsWith('.ini'))
      .map((file) => readProfileFile(join(SHIPPED, concern, file))),
  )
}

/** @throws ZktuneError BadConfigValue when it cannot be read */
export function readProfileFile(file: string): ProfileText {
  return { file, name: basename(file, '.ini'), text: readGivenFile(file, 'profile') }
}

/**
 * The text of a file that the user named. A zoo.cfg is read as Apache reads it, a byte a character.
 *
 * @throws ZktuneError BadConfigValue when it cannot be read
 */
export function readGivenFile(file: string, kind: 'profile' | 'configuration'): string {
  try {
    return readFileSync(file, kind === 'profile' ? 'utf8' : 'latin1')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new ZktuneError('BadConfigValue', {
      where: file,
      what: isMissing ? `there is no such ${kind}` : `the ${kind} cannot be read: ${message}`,
      mend: 'See whether the path is right and the file may be read.',
      cause: error,
    })
  }
}
