import { readdirSync, readFileSync, statSync } from 'node:fs'
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
 * A folder that the user named to put something in.
 *
 * @param path undefined: none was named
 * @throws ZktuneError BadConfigValue when it is none
 */
export function requireFolder(flag: string, path: string | undefined): void {
  if (path === undefined || path === '') return
  const found = whatIsAt(path)
  if (found === 'folder') return
  const what = found === 'nothing' ? 'there is no such folder' : 'this is a file, not a folder'
  const mend =
    found === 'nothing'
      ? `Name one that is there, or make it: mkdir -p ${path}`
      : 'Name the folder that it is in, or another one.'
  throw new ZktuneError('BadConfigValue', { where: `${flag} ${path}`, what, mend })
}

/** What cannot be looked at is nothing here: whoever needs it fails with the reason. */
export function whatIsAt(path: string): 'folder' | 'file' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'nothing'
  }
}

/** Names stdin instead of a file. */
export const STDIN = '-'

/** What no file of settings comes near. */
const CHARACTERS_MAX = 1024 * 1024

/**
 * The text of a file that the user named. A zoo.cfg is read as Apache reads it, a byte a character.
 *
 * @throws ZktuneError BadConfigValue when it cannot be read, or is no text
 */
export function readGivenFile(file: string, kind: 'profile' | 'configuration'): string {
  const text = readText(file, kind)
  const refuse = (what: string, mend: string): never => {
    throw new ZktuneError('BadConfigValue', { where: file, what, mend })
  }
  if (text.includes('\0')) {
    refuse(
      'this is no text file: there are zero bytes in it',
      'Name a text; if it is one, save it as UTF-8, not UTF-16.',
    )
  }
  if (text.length > CHARACTERS_MAX) {
    refuse(`it has ${text.length} characters, far more than any ${kind}`, 'See whether it is the file that you mean.')
  }
  return text
}

function readText(file: string, kind: 'profile' | 'configuration'): string {
  try {
    return readFileSync(file === STDIN ? process.stdin.fd : file, kind === 'profile' ? 'utf8' : 'latin1')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') throw isFolder(file, kind)
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new ZktuneError('BadConfigValue', {
      where: file,
      what: isMissing ? `there is no such ${kind}` : `the ${kind} cannot be read: ${message}`,
      mend: 'See whether the path is right and the file may be read.',
      cause: error,
    })
  }
}

function isFolder(file: string, kind: string): ZktuneError {
  const what = `this is a folder, not a ${kind}`
  return new ZktuneError('BadConfigValue', { where: file, what, mend: 'Name the file in it.' })
}
