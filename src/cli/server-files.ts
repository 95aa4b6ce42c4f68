import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'

import { ZktuneError } from '../kernel/errors.ts'
import { javaTrim, findEntry, readProperties } from '../zoocfg/properties.ts'
import type { JvmOptions } from '../zoocfg/lint/host-facts.ts'
import { readJvmOptions } from '../zoocfg/lint/jvm-options.ts'
import type { ServerFiles, TextFile } from '../zoocfg/lint/server-view.ts'
import { containerServers, isContainerFile } from './container-files.ts'
import { hostFactsOf } from './host-facts.ts'
import { readGivenFile, STDIN } from './profile-files.ts'

const FOLDER_DEPTH_MAX = 4
/** The last is Debian's. */
const JVM_FILES = ['java.env', 'zookeeper-env.sh', 'environment']

/**
 * The configuration files that a path stands for: itself, or those below it that end in `.cfg`.
 *
 * @throws ZktuneError BadConfigValue when there is none
 */
export function configurationsAt(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path]
  const found = [...configurationsBelow(path, FOLDER_DEPTH_MAX)].sort()
  if (found.length > 0) return found
  throw new ZktuneError('BadConfigValue', {
    where: path,
    what: 'there is no *.cfg in this folder, nor in those below it',
    mend: 'Name the file itself.',
  })
}

/** The servers that a file describes: one, or each container of the official image. */
export function readServers(file: string): readonly ServerFiles[] {
  return isContainerFile(file) ? containerServers(file, readGivenFile(file, 'configuration')) : [readServerFiles(file)]
}

/**
 * The one server that a file describes; of several containers the one that is named behind a #.
 *
 * @throws ZktuneError BadConfigValue when it is none or one of many
 */
export function readOneServer(path: string): ServerFiles {
  const [, file = path, name = null] = /^(.*\.(?:env|ya?ml))#(.+)$/.exec(path) ?? []
  const servers = readServers(file)
  const names = servers.flatMap(({ made }) => made?.name ?? [])
  const found = name === null ? servers : servers.filter(({ made }) => made?.name === name)
  const [server, ...others] = found
  if (server !== undefined && others.length === 0) return server
  throw new ZktuneError('BadConfigValue', {
    where: path,
    what: name === null ? `there are ${servers.length} servers in it` : `there is no container "${name}" in it`,
    mend: `Name one: ${names.map((each) => `${file}#${each}`).join(', ')}.`,
  })
}

/** A server's files as far as they are here: its zoo.cfg, and what that names or what lies beside it. */
export function readServerFiles(file: string): ServerFiles {
  const text = readGivenFile(file, 'configuration')
  const properties = readProperties(text)
  const valueOf = (key: string): string | null => javaTrim(findEntry(properties, key)?.value ?? '') || null
  const dataDir = valueOf('dataDir')
  const isStdin = file === STDIN
  const host = dataDir === null ? null : hostFactsOf(dataDir, valueOf('dataLogDir'))
  const dynamic = valueOf('dynamicConfigFile')
  const myid = host === null || dataDir === null ? undefined : textFile(join(dataDir, 'myid'))
  return {
    file: isStdin ? 'stdin' : file,
    text,
    host,
    jvm: isStdin ? null : jvmBeside(file),
    ...(dynamic === null ? {} : { dynamic: dynamicFile(dynamic, file) }),
    ...(myid === undefined ? {} : { myid }),
  }
}

/** Apache opens the path as it is written; a copy of a configuration has it beside zoo.cfg. */
function dynamicFile(path: string, configuration: string): TextFile | null {
  const beside = join(dirname(configuration), isAbsolute(path) ? basename(path) : path)
  return textFile(path) ?? textFile(beside)
}

function jvmBeside(file: string): JvmOptions | null {
  for (const name of JVM_FILES) {
    const found = textFile(join(dirname(file), name))
    if (found !== null) return readJvmOptions(found.file, found.text)
  }
  return null
}

function textFile(file: string): TextFile | null {
  try {
    return { file, text: readFileSync(file, 'latin1') }
  } catch {
    return null
  }
}

function* configurationsBelow(folder: string, depth: number): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth > 1 && entry.name !== 'node_modules') yield* configurationsBelow(path, depth - 1)
    else if (entry.isFile() && entry.name.endsWith('.cfg')) yield path
  }
}
