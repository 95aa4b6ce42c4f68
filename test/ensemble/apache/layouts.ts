import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The jars in lib/ of the binary releases, one of each line. Source: the LICENSE notices and the listings of
 * apache-zookeeper-VERSION-bin.tar.gz; the names decide, so the files are empty.
 */
export const TARBALLS: Readonly<Record<string, readonly string[]>> = {
  '3.5.9': ['netty-handler-4.1.50.Final', 'slf4j-log4j12-1.7.25', 'log4j-1.2.17', 'audience-annotations-0.5.0'],
  '3.6.4': ['netty-handler-4.1.86.Final', 'slf4j-reload4j-1.7.35', 'reload4j-1.2.19', 'metrics-core-4.1.12.1'],
  '3.7.2': ['netty-handler-4.1.94.Final', 'slf4j-reload4j-1.7.35', 'reload4j-1.2.19', 'metrics-core-4.1.12.1'],
  '3.8.4': ['netty-handler-4.1.105.Final', 'logback-classic-1.2.13', 'logback-core-1.2.13', 'metrics-core-4.1.12.1'],
  '3.9.3': ['netty-handler-4.1.113.Final', 'logback-classic-1.3.14', 'logback-core-1.3.14', 'simpleclient-0.9.0'],
}

/** Unpacks, as it were, a binary release. @returns its folder */
export function unpack(version: string, parent: string): string {
  const home = join(parent, `apache-zookeeper-${version}-bin`)
  for (const folder of ['bin', 'conf', 'docs', 'lib']) mkdirSync(join(home, folder), { recursive: true })
  const own = ['zookeeper', 'zookeeper-jute', 'zookeeper-prometheus-metrics'].map((name) => `${name}-${version}`)
  for (const jar of [...own, ...(TARBALLS[version] ?? [])]) writeFileSync(join(home, 'lib', `${jar}.jar`), '')
  writeFileSync(join(home, 'bin', 'zkServer.sh'), '')
  writeFileSync(join(home, 'README.md'), '')
  return home
}

/** As Debian's packages lay it: jars without a version, and links with one to them. */
export function installDebian(root: string, version: string): string {
  const folder = join(root, 'usr/share/java')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(root, 'usr/share/zookeeper/bin'), { recursive: true })
  for (const name of ['zookeeper', 'zookeeper-jute', 'netty-codec', 'slf4j-simple']) {
    writeFileSync(join(folder, `${name}.jar`), '')
    symlinkSync(`${name}.jar`, join(folder, `${name}-${name.startsWith('zookeeper') ? version : '1.0'}.jar`))
  }
  return folder
}
