import { describe, expect, test } from 'vitest'
import { readContainers } from '../../src/zoocfg/compose.ts'
import type { Container } from '../../src/zoocfg/compose.ts'
import { containerFiles, unknownVariable, variableFor } from '../../src/zoocfg/container.ts'
import { readEnvFile } from '../../src/zoocfg/env-file.ts'

const TOP = { line: 1, column: 1 }

function linesFor(env: string): readonly string[] {
  return containerFiles(readEnvFile(env), TOP).lines.map(({ text }) => text)
}

function containersIn(yaml: string): readonly Container[] {
  const containers = readContainers(yaml)
  if ('what' in containers) throw new Error(containers.what)
  return containers
}

describe('the official image', () => {
  // Laid out by hand from docker-entrypoint.sh of the image.
  const DEFAULTS = [
    ...['dataDir=/data', 'dataLogDir=/datalog', 'tickTime=2000', 'initLimit=5', 'syncLimit=2'],
    ...['autopurge.snapRetainCount=3', 'autopurge.purgeInterval=0', 'maxClientCnxns=60'],
    ...['standaloneEnabled=true', 'admin.enableServer=true'],
  ]

  test('writes these lines when it is told nothing', () => {
    expect(linesFor('')).toEqual([...DEFAULTS, 'server.1=localhost:2888:3888;2181'])
    expect(containerFiles([], TOP).myid).toBe('1\n')
  })

  test('splits servers and extra settings at blanks, and puts them last', () => {
    const env = [
      'ZOO_CFG_EXTRA=snapCount=5000 maxCnxns=10',
      'ZOO_SERVERS="server.1=a:1:2;3 server.2=b:1:2;3"',
      'ZOO_4LW_COMMANDS_WHITELIST=srvr, mntr',
      'ZOO_TICK_TIME=3000',
      'ZOO_MY_ID=2',
    ].join('\n')
    expect(linesFor(env)).toEqual([
      ...DEFAULTS.map((line) => (line.startsWith('tickTime') ? 'tickTime=3000' : line)),
      ...['server.1=a:1:2;3', 'server.2=b:1:2;3', '4lw.commands.whitelist=srvr, mntr', 'snapCount=5000', 'maxCnxns=10'],
    ])
    const { lines, myid } = containerFiles(readEnvFile(env), TOP)
    expect(myid).toBe('2\n')
    expect(lines.find(({ text }) => text === 'maxCnxns=10')).toMatchObject({
      place: { line: 1 },
      variable: 'ZOO_CFG_EXTRA',
    })
    expect(lines[0]).toMatchObject({ place: TOP, variable: null })
  })

  test('has a variable for each key, and none of other names', () => {
    expect(['tickTime', 'server.3', '4lw.commands.whitelist', 'snapCount'].map(variableFor)).toEqual([
      ...['ZOO_TICK_TIME', 'ZOO_SERVERS', 'ZOO_4LW_COMMANDS_WHITELIST', 'ZOO_CFG_EXTRA'],
    ])
    expect(unknownVariable('ZOO_TICKTIME')).toEqual({ meant: 'ZOO_TICK_TIME' })
    expect(['ZOO_MY_ID', 'JVMFLAGS', 'PATH'].map(unknownVariable)).toEqual([undefined, undefined, undefined])
  })
})

test('a file of variables has comments, quotes and export', () => {
  expect(readEnvFile('# A=1\n\nexport B=\'x y\'\r\n  C="z"\nD=\nnonsense\n')).toEqual([
    { name: 'B', value: 'x y', place: { line: 3, column: 8 } },
    { name: 'C', value: 'z', place: { line: 4, column: 3 } },
    { name: 'D', value: '', place: { line: 5, column: 1 } },
  ])
})

describe('YAML', () => {
  test("Compose's services have maps or lists of variables, and may share them", () => {
    const yaml = [
      'x-zk: &zk',
      '  image: zookeeper:3.9',
      '  mem_limit: 512m',
      '  environment: &env',
      '    ZOO_TICK_TIME: 3000',
      'services:',
      '  zoo1:',
      '    <<: *zk',
      '    environment:',
      '      <<: *env',
      '      ZOO_MY_ID: 1',
      '  zoo2:',
      '    image: "${IMAGE:-zookeeper}"',
      '    environment:',
      '      - ZOO_MY_ID=2',
      '      - COST=5$$',
    ].join('\n')
    expect(containersIn(yaml)).toEqual([
      {
        name: 'zoo1',
        image: 'zookeeper:3.9',
        place: { line: 7, column: 3 },
        memoryBytes: 512 * 1024 ** 2,
        variables: [
          { name: 'ZOO_TICK_TIME', value: '3000', place: { line: 5, column: 5 } },
          { name: 'ZOO_MY_ID', value: '1', place: { line: 11, column: 7 } },
        ],
      },
      {
        name: 'zoo2',
        image: 'zookeeper',
        place: { line: 12, column: 3 },
        memoryBytes: null,
        variables: [
          { name: 'ZOO_MY_ID', value: '2', place: { line: 15, column: 9 } },
          { name: 'COST', value: '5$', place: { line: 16, column: 9 } },
        ],
      },
    ])
  })

  test("Kubernetes' containers have names and values", () => {
    const yaml = [
      'kind: Pod',
      'spec:',
      '  containers:',
      '    - name: zk',
      '      image: zookeeper',
      '      env:',
      '        - {name: ZOO_MY_ID, value: "3"}',
      '        - name: SECRET',
      '          valueFrom: {secretKeyRef: {name: a, key: b}}',
      '      resources: {limits: {memory: 2Gi}}',
    ].join('\n')
    expect(containersIn(`a: 1\n---\n${yaml}`)).toMatchObject([
      { name: 'zk', memoryBytes: 2 * 1024 ** 3, variables: [{ name: 'ZOO_MY_ID', value: '3', place: { line: 9 } }] },
    ])
  })

  test('what is none is told with its place', () => {
    expect(readContainers('a: [1\nb: 2')).toMatchObject({ line: 2 })
  })
})
