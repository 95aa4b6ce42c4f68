/** Reads the corpus: configurations as they are met, and what lint is to find in them. See corpus/README.md. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ensemblesOf } from '../../src/zoocfg/lint/ensembles.ts'
import { readJvmOptions } from '../../src/zoocfg/lint/jvm-options.ts'
import { lint } from '../../src/zoocfg/lint/lint.ts'
import type { ServerFiles } from '../../src/zoocfg/lint/server-view.ts'
import { findEntry, readProperties } from '../../src/zoocfg/properties.ts'
import { parseRelease } from '../../src/zoocfg/release.ts'

export const CORPUS = fileURLToPath(new URL('corpus', import.meta.url))

export interface Corpus {
  readonly name: string
  readonly servers: readonly ServerFiles[]
  readonly findingsFile: string
  /** What lint finds: `5 error rule`. */
  readonly find: (release: string) => readonly string[]
}

/** What stands in a `.findings` file. */
export interface Expected {
  readonly release: string
  readonly apache:
    | { readonly kind: 'starts' }
    | { readonly kind: 'refuses'; readonly says: string }
    /** Not for what the file says, but for what comes of it. */
    | { readonly kind: 'ends'; readonly says: string }
    | { readonly kind: 'untried'; readonly why: string }
  /** What it is tried with, beside itself: a login for SASL, a stand-in for the Prometheus provider. */
  readonly needs: readonly ('login' | 'metrics-provider')[]
  /** As `find` has them. */
  readonly findings: readonly string[]
}

export function readCorpus(): readonly Corpus[] {
  return readdirSync(CORPUS)
    .filter((entry) => entry.endsWith('.cfg') || statSync(join(CORPUS, entry)).isDirectory())
    .sort()
    .map((entry) => {
      const isFolder = !entry.endsWith('.cfg')
      const name = isFolder ? entry : basename(entry, '.cfg')
      const folder = isFolder ? join(CORPUS, entry) : CORPUS
      const files = isFolder ? readdirSync(folder).filter((file) => file.endsWith('.cfg')) : [entry]
      const servers = files.sort().map((file) => readServer(folder, file, isFolder))
      return { name, servers, findingsFile: join(CORPUS, `${name}.findings`), find: finder(servers, isFolder) }
    })
}

export function readExpected({ findingsFile }: Corpus): Expected {
  const lines = readFileSync(findingsFile, 'utf8').split('\n')
  const told = (key: string): string | null =>
    lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? null
  const [, kind = '', rest = ''] = /^(\w+) ?(.*)$/.exec(told('apache') ?? '') ?? []
  return {
    release: told('release') ?? '3.8',
    apache: apacheOf(kind, rest, findingsFile),
    needs: needsOf(told('needs') ?? '', findingsFile),
    findings: lines
      .map((line) => line.replace(/\s+#.*$/, ''))
      .filter((line) => line !== '' && !line.startsWith('#') && !/^\w+: /.test(line)),
  }
}

function apacheOf(kind: string, rest: string, file: string): Expected['apache'] {
  if (kind === 'starts') return { kind }
  if (kind === 'refuses' || kind === 'ends') return { kind, says: rest }
  if (kind === 'untried') return { kind, why: rest }
  throw new Error(`${file} does not say what Apache does`)
}

function needsOf(text: string, file: string): Expected['needs'] {
  return text.split(/[ ,]+/).flatMap((word) => {
    if (word === 'login' || word === 'metrics-provider') return [word]
    if (word === '') return []
    throw new Error(`${file} needs something that is not known: ${word}`)
  })
}

function finder(servers: readonly ServerFiles[], isFolder: boolean): Corpus['find'] {
  return (text) => {
    const release = parseRelease(text)
    if (release === null) throw new Error(`${text} is no release`)
    const findings = ensemblesOf(servers, release).flatMap((ensemble) => lint(ensemble, release))
    return findings.map(({ file, line, severity, rule }) => `${isFolder ? `${file}:` : ''}${line} ${severity} ${rule}`)
  }
}

/** Without the machine: the folders that the files name are those of others. */
function readServer(folder: string, file: string, isFolder: boolean): ServerFiles {
  const text = readFileSync(join(folder, file), 'latin1')
  const beside = (name: string): string | null =>
    isFolder && existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'latin1') : null
  const dynamic = findEntry(readProperties(text), 'dynamicConfigFile')?.value
  const dynamicText = dynamic === undefined ? null : beside(basename(dynamic))
  const jvm = beside('java.env')
  const myid = beside('myid')
  return {
    file,
    text,
    ...(dynamic === undefined || dynamicText === null
      ? {}
      : { dynamic: { file: basename(dynamic), text: dynamicText } }),
    ...(jvm === null ? {} : { jvm: readJvmOptions('java.env', jvm) }),
    ...(myid === null ? {} : { myid: { file: 'myid', text: myid } }),
  }
}
