import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { ZktuneError } from '../kernel/errors.ts'
import type { OutputFile } from '../tune/output/recommendation-files.ts'
import { JOURNAL_FILE } from '../tune/recommend/journal.ts'
import type { RecommendFlags } from './options.ts'

export const OUTPUT_DEFAULT = 'zktune-recommendation'

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

/** Nothing of the user's is ever written over. */
export function refuseUsed(folder: string, asGiven: string): void {
  if (!existsSync(folder)) return
  const names = readdirSync(folder)
  if (names.length === 0) return
  const hasJournal = names.includes(JOURNAL_FILE)
  throw new ZktuneError('UsageConflict', {
    where: `--output ${asGiven}`,
    what: hasJournal ? 'there is a tuning in this folder' : 'this folder has something in it',
    mend: hasJournal ? `Go on with it: zktune recommend --resume ${asGiven}` : 'Name a new one.',
  })
}

/** Of the flags those that were typed: a switch that is on by itself says nothing. */
export function givenNames(flags: RecommendFlags): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]: [string, unknown]) => {
    return value === undefined || (name === 'tlsVerifyHost' && value === true) ? [] : [name]
  })
}

/** The line that begins the same again, without where it writes. @param seed null: it has none */
export function lineOf(flags: RecommendFlags, seed: number | null): string {
  const names = givenNames(flags)
  const words = Object.entries(flags).flatMap(([name, value]: [string, unknown]) => {
    if (!names.includes(name)) return []
    if (value === false) return [`--no-${dashed(name)}`]
    if (['output', 'resume', 'json', 'seed', 'printConfig'].includes(name)) return []
    const flag = `--${dashed(name)}`
    const values: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value]
    return values.flatMap((each) => (each === true ? [flag] : [flag, quoted(String(each))]))
  })
  return ['zktune recommend', ...words, ...(seed === null ? [] : ['--seed', String(seed)])].join(' ')
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
