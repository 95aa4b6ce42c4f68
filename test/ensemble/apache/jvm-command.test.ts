import { describe, expect, test } from 'vitest'
import { versionInAnswer } from '../../../src/ensemble/apache/apache-engine.ts'
import { versionOfJava } from '../../../src/ensemble/apache/find-java.ts'
import { jvmArguments, restartScript, type JvmOptions } from '../../../src/ensemble/apache/jvm-command.ts'
import type { ServerPlace } from '../../../src/ensemble/run-folders.ts'

const place: ServerPlace = {
  id: 1,
  config: '/run/server-1/zoo.cfg',
  printed: '/run/server-1/server.out',
  dataDir: '/run/server-1/data',
  dataLogDir: null,
  ownFolders: [],
}

const options: JvmOptions = {
  java: { path: '/usr/bin/java', version: '17.0.15', major: 17 },
  zooKeeper: { home: '/opt/zk', version: '3.8.4', jars: ['/opt/zk/lib/a.jar', '/opt/zk/lib/b.jar'], layout: 'tarball' },
  heapBytes: null,
}

describe('the command line of a server', () => {
  test('begins its class path with the own folder, which says where the log goes, and ends with the configuration', () => {
    const words = jvmArguments(place, [], options)
    expect(words.slice(words.indexOf('-cp'))).toEqual([
      '-cp',
      '/run/server-1:/opt/zk/lib/a.jar:/opt/zk/lib/b.jar',
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      '/run/server-1/zoo.cfg',
    ])
  })

  test('has the heap that was asked for from the start, else at most what zkServer.sh gives', () => {
    expect(jvmArguments(place, [], options)).toContain('-Xmx1000m')
    const words = jvmArguments(place, [], { ...options, heapBytes: 256 * 2 ** 20 })
    expect(words).toEqual(expect.arrayContaining(['-Xms262144k', '-Xmx262144k']))
    expect(words).not.toContain('-Xmx1000m')
  })

  test('holds, as properties, the settings that zoo.cfg cannot hold, and no others', () => {
    const settings = [
      { key: 'jute.maxbuffer', value: '4194304' },
      { key: 'snapCount', value: '1000' },
      { key: 'znode.container.checkIntervalMs', value: '1000' },
      { key: 'client.secure', value: 'true' },
    ]
    const properties = jvmArguments(place, settings, options).filter((word) => word.startsWith('-D'))
    expect(properties).toEqual([
      '-Dzookeeper.jmx.log4j.disable=true',
      '-Djute.maxbuffer=4194304',
      '-Dznode.container.checkIntervalMs=1000',
    ])
  })

  test('asks for the log of the collector in the words of that Java', () => {
    expect(jvmArguments(place, [], options)).toContain('-Xlog:gc:file=gc.log:time:filecount=0')
    const java8 = { ...options, java: { path: '/java8', version: '1.8.0_402', major: 8 } }
    const words = jvmArguments(place, [], java8)
    expect(words).toEqual(expect.arrayContaining(['-Xloggc:gc.log', '-XX:+PrintGCDateStamps']))
    expect(words.join(' ')).not.toContain('-Xlog:')
  })
})

test('the script that starts a server again survives blanks and quotes', () => {
  const script = restartScript('/my java/java', ["-Dx=it's"], '/my run', '/my run/data/zktune.pid')
  expect(script).toBe(
    `#!/bin/sh\ncd '/my run' || exit 1\necho $$ > '/my run/data/zktune.pid'\nexec '/my java/java' '-Dx=it'\\''s'\n`,
  )
})

test.each([
  ['openjdk version "17.0.15" 2025-04-15', { version: '17.0.15', major: 17 }],
  ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njava version "1.8.0_402"', { version: '1.8.0_402', major: 8 }],
  ['openjdk version "11" 2018-09-25', { version: '11', major: 11 }],
  ['openjdk version "24-ea" 2025-03-18', { version: '24-ea', major: 24 }],
  ['The operation could not be completed. Unable to locate a Java Runtime.', null],
])('java -version: %s', (told, expected) => {
  expect(versionOfJava(told)).toEqual(expected)
})

test.each([
  ['Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25\nMode: leader', '3.8.0'],
  ['Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-06-16 10:40 UTC', '3.8.0'],
  ['Zookeeper version: 3.10.0-SNAPSHOT-abc, built on', '3.10.0-SNAPSHOT'],
  ['This ZooKeeper instance is not currently serving requests', null],
])('srvr: %s', (answer, version) => {
  expect(versionInAnswer(answer)).toBe(version)
})
