import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProfileText } from '../../src/profile/profile-text.ts'

const FOLDER = fileURLToPath(new URL('../../profiles/', import.meta.url))

/** The texts of profiles/, each with the concern that its folder is named for. */
export function shippedProfiles(): readonly (ProfileText & { readonly concern: string })[] {
  return readdirSync(FOLDER).flatMap((concern) =>
    readdirSync(join(FOLDER, concern)).map((name) => ({
      concern,
      file: `profiles/${concern}/${name}`,
      name: basename(name, '.ini'),
      text: readFileSync(join(FOLDER, concern, name), 'utf8'),
    })),
  )
}
