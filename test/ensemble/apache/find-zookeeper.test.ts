import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findZooKeeper, type ZooKeeperInstallation } from '../../../src/ensemble/apache/find-zookeeper.ts'
import { installDebian, TARBALLS, unpack } from './layouts.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'zktune-layouts-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function find(home: string | null = null, environment: Record<string, string> = {}): ZooKeeperInstallation {
  return findZooKeeper({ home, environment, root })
}

describe.each(Object.keys(TARBALLS))('the binary release of %s', (version) => {
  test('is found where the flag says, with its version and every jar, the server first', () => {
    const home = unpack(version, root)
    const found = find(home)
    expect(found).toMatchObject({ home, version, layout: 'tarball' })
    const names = found.jars.map((jar) => basename(jar))
    expect(names[0]).toBe(`zookeeper-${version}.jar`)
    expect(names).toHaveLength(3 + (TARBALLS[version]?.length ?? 0))
    expect(names).toContain(`zookeeper-jute-${version}.jar`)
    expect(names).toContain(`${TARBALLS[version]?.[0]}.jar`)
  })

  test('is found in /opt without a word', () => {
    const home = unpack(version, join(root, 'opt'))
    expect(find()).toMatchObject({ home, version })
  })
})

test('the flag counts before ZOOKEEPER_HOME, which counts before what lies around', () => {
  unpack('3.9.3', join(root, 'opt'))
  const one = unpack('3.8.4', join(root, 'one'))
  const other = unpack('3.7.2', join(root, 'other'))
  expect(find(null, { ZOOKEEPER_HOME: one }).version).toBe('3.8.4')
  expect(find(other, { ZOOKEEPER_HOME: one }).version).toBe('3.7.2')
  expect(find(null, { ZOOKEEPER_HOME: '' }).version).toBe('3.9.3')
})

test('of several releases in one place the newest is taken', () => {
  unpack('3.9.3', join(root, 'opt'))
  unpack('3.5.9', join(root, 'opt'))
  unpack('3.8.4', join(root, 'usr/local'))
  expect(find().version).toBe('3.9.3')
})

test('the folder that one release was unpacked in is as good as the release; with two it is not', () => {
  const home = unpack('3.8.4', join(root, 'downloads'))
  expect(find(join(root, 'downloads')).home).toBe(home)
  unpack('3.9.3', join(root, 'downloads'))
  expect(() => find(join(root, 'downloads'))).toThrow(/no lib\/zookeeper-VERSION\.jar/)
})

test("Debian's package is found by itself, and by the folder that its scripts are in", () => {
  const folder = installDebian(root, '3.8.0')
  const jars = ['zookeeper.jar', 'netty-codec.jar', 'slf4j-simple.jar'].map((name) => join(folder, name))
  expect(find()).toEqual({ home: jars[0], version: '3.8.0', layout: 'debian', jars })
  expect(find(join(root, 'usr/share/zookeeper')).jars).toEqual(jars)
})

test('without any ZooKeeper the error says what to install, and what needs none', () => {
  expect(() => find()).toThrow(/no Apache ZooKeeper on this machine.*apt-get install zookeeper.*--engine builtin/)
})

test('a place that is named and holds none is refused, by what it is', () => {
  expect(() => find(join(root, 'nowhere'))).toThrow(/--zookeeper-home: .*nowhere does not exist/)
  expect(() => find(null, { ZOOKEEPER_HOME: root })).toThrow(/ZOOKEEPER_HOME: there is no lib\/zookeeper-VERSION/)
  mkdirSync(join(root, 'source/zookeeper-server'), { recursive: true })
  writeFileSync(join(root, 'source/zookeeper-server/pom.xml'), '')
  expect(() => find(join(root, 'source'))).toThrow(/sources, not a release that runs/)
})

test('jars whose names only begin alike are not the server', () => {
  mkdirSync(join(root, 'home/lib'), { recursive: true })
  for (const name of ['zookeeper-jute-3.8.4.jar', 'zookeeper-prometheus-metrics-3.8.4.jar', 'zookeeper.jar.bak']) {
    writeFileSync(join(root, 'home/lib', name), '')
  }
  expect(() => find(join(root, 'home'))).toThrow(/no lib/)
})
