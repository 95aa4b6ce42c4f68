import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ZktuneError } from '../../kernel/errors.ts'

/** Apache ZooKeeper as it is installed somewhere on this machine. */
export interface ZooKeeperInstallation {
  /** Where it lies, for people: the folder of a tarball, or the jar of a Debian package. */
  readonly home: string
  /** By the names of its files; null when they do not tell. */
  readonly version: string | null
  /** Jars, the one with the server first. */
  readonly jars: readonly string[]
  readonly layout: 'tarball' | 'debian'
}

export interface FindZooKeeperOptions {
  /** What `--zookeeper-home` says; null: look for it. */
  readonly home: string | null
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Stands above every folder that is looked into unasked; tests put their own. */
  readonly root?: string
}

/** `zookeeper-3.8.4.jar`, and nothing that begins likewise: `zookeeper-jute-3.8.4.jar`, `zookeeper-prometheus-metrics-…`. */
const SERVER_JAR = /^zookeeper-(\d+\.\d+\.\d+(?:-[\w.]+)?)\.jar$/
const TARBALL_FOLDER = /^(?:apache-)?zookeeper-\d.*$/
const DEBIAN_JARS = 'usr/share/java'
/** Folders in which people unpack tarballs, and package managers put links to them. */
const USUAL_PARENTS = ['opt', 'usr/local', 'usr/local/share', 'srv']
const USUAL_HOMES = [
  'opt/zookeeper',
  'usr/local/zookeeper',
  'usr/lib/zookeeper',
  'opt/homebrew/opt/zookeeper/libexec',
  'usr/local/opt/zookeeper/libexec',
]
/** What a Debian server needs beside what its jar names itself: for TLS, for the AdminServer, and for its log. */
const DEBIAN_EXTRAS = [
  'netty-codec.jar',
  'netty-resolver.jar',
  'netty-transport-native-unix-common.jar',
  'servlet-api.jar',
  'jetty9-util-ajax.jar',
  'slf4j-simple.jar',
]
const HOW_TO_GET_IT =
  'Install it (Debian: apt-get install zookeeper libslf4j-java), or unpack a binary release ' +
  '(apache-zookeeper-3.9.3-bin.tar.gz) and name its folder with --zookeeper-home or ZOOKEEPER_HOME'
const NEEDS_NEITHER = '--engine builtin needs neither ZooKeeper nor Java.'

/**
 * Finds ZooKeeper: where the flag says, else where ZOOKEEPER_HOME says, else where it usually is.
 *
 * @throws ZktuneError BadConfigValue when a place is named and it is not there, NotSupported when it is nowhere
 */
export function findZooKeeper({ home, environment, root = '/' }: FindZooKeeperOptions): ZooKeeperInstallation {
  if (home !== null) return named(home, '--zookeeper-home', root)
  const fromEnvironment = environment['ZOOKEEPER_HOME'] ?? ''
  if (fromEnvironment !== '') return named(fromEnvironment, 'ZOOKEEPER_HOME', root)
  const debian = debianIn(join(root, DEBIAN_JARS))
  if (debian !== null) return debian
  for (const folder of [...USUAL_HOMES.map((path) => join(root, path)), ...unpackedIn(root)]) {
    const found = tarballIn(folder)
    if (found !== null) return found
  }
  throw new ZktuneError('NotSupported', {
    where: '--engine apache',
    what: 'there is no Apache ZooKeeper on this machine',
    mend: `${HOW_TO_GET_IT}; ${NEEDS_NEITHER}`,
  })
}

function named(given: string, where: string, root: string): ZooKeeperInstallation {
  const home = resolve(given)
  const found = tarballIn(home) ?? onlyOneBelow(home) ?? debianIn(home) ?? debianOf(home, root)
  if (found !== null) return found
  const isSource = existsSync(join(home, 'zookeeper-server', 'pom.xml')) || existsSync(join(home, 'pom.xml'))
  const what = !existsSync(home)
    ? `${home} does not exist`
    : isSource
      ? `${home} holds ZooKeeper's sources, not a release that runs`
      : `there is no lib/zookeeper-VERSION.jar in ${home}`
  throw new ZktuneError('BadConfigValue', {
    where,
    what,
    mend: `Name the folder of an unpacked binary release (apache-zookeeper-3.9.3-bin); ${NEEDS_NEITHER}`,
  })
}

/** Releases 3.5 to 3.9: every jar in lib/. @returns null when it is no such folder */
function tarballIn(home: string): ZooKeeperInstallation | null {
  const lib = join(home, 'lib')
  const names = filesIn(lib).filter((name) => name.endsWith('.jar'))
  const server = names.find((name) => SERVER_JAR.test(name))
  if (server === undefined) return null
  const others = names.filter((name) => name !== server).sort()
  return {
    home,
    version: SERVER_JAR.exec(server)?.[1] ?? null,
    jars: [server, ...others].map((name) => join(lib, name)),
    layout: 'tarball',
  }
}

/** A folder in which nothing but one release was unpacked is as good as that release. */
function onlyOneBelow(folder: string): ZooKeeperInstallation | null {
  const found = filesIn(folder)
    .filter((name) => TARBALL_FOLDER.test(name))
    .flatMap((name) => tarballIn(join(folder, name)) ?? [])
  return found.length === 1 ? (found[0] ?? null) : null
}

/** Debian's package has its scripts in /usr/share/zookeeper, which people take for its home. */
function debianOf(home: string, root: string): ZooKeeperInstallation | null {
  return home === join(root, 'usr/share/zookeeper') ? debianIn(join(root, DEBIAN_JARS)) : null
}

/** @param folder of Java libraries, with `zookeeper.jar`, whose manifest names most of what it needs */
function debianIn(folder: string): ZooKeeperInstallation | null {
  const jar = join(folder, 'zookeeper.jar')
  if (!existsSync(jar)) return null
  const extras = DEBIAN_EXTRAS.map((name) => join(folder, name)).filter((path) => existsSync(path))
  return { home: jar, version: versionBeside(folder), jars: [jar, ...extras], layout: 'debian' }
}

/** Debian links `zookeeper-3.8.0.jar` to `zookeeper.jar`. */
function versionBeside(folder: string): string | null {
  for (const name of filesIn(folder)) {
    const version = SERVER_JAR.exec(name)?.[1]
    if (version === undefined) continue
    try {
      if (basename(readlinkSync(join(folder, name))) === 'zookeeper.jar') return version
    } catch {
      // no link
    }
  }
  return null
}

/** The newest by its name first. */
function unpackedIn(root: string): string[] {
  const found = USUAL_PARENTS.flatMap((parent) => {
    const folder = join(root, parent)
    return filesIn(folder)
      .filter((name) => TARBALL_FOLDER.test(name))
      .map((name) => join(folder, name))
  })
  return found.sort((one, other) => basename(other).localeCompare(basename(one), 'en', { numeric: true }))
}

function filesIn(folder: string): string[] {
  try {
    return statSync(folder).isDirectory() ? readdirSync(folder) : []
  } catch {
    return []
  }
}

/** The folder that a tarball was unpacked into, or that of Debian's jar; for `-V --verbose`. */
export function installationText({ home, version, layout }: ZooKeeperInstallation): string {
  return `${version ?? 'of unknown version'} (${layout === 'debian' ? `Debian, ${dirname(home)}` : home})`
}
