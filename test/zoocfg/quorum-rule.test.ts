import { expect, test } from 'vitest'
import { readServerConfig } from '../../src/zoocfg/server-config.ts'

const ENSEMBLE = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/data
clientPort=2181
server.1=a:2888:3888
server.2=b:2888:3888
server.3=c:2888:3888
`

function read(lines: string, id = '1') {
  const { config, faults } = readServerConfig({ file: 'zoo.cfg', text: ENSEMBLE + lines, myid: id, dynamic: null })
  return { quorum: config?.quorum, faults: faults.map(({ what }) => what) }
}

test('without a word on quorums a majority of the voters decides', () => {
  expect(read('').quorum).toEqual({ kind: 'majority' })
  expect(read('zktune.quorum=majority\n').quorum).toEqual({ kind: 'majority' })
})

test('unanimous and pairs that meet are taken', () => {
  expect(read('zktune.quorum=unanimous\n').quorum).toEqual({ kind: 'unanimous' })
  expect(read('zktune.quorum=3:1\n').quorum).toEqual({ kind: 'sizes', phase1: 3, phase2: 1 })
})

test('sizes that could miss each other are refused, and so are sizes that nobody could reach', () => {
  expect(read('zktune.quorum=1:2\n').faults).toEqual([
    'zktune.quorum is 1:2: 1 of 3 voters could promise while 2 others accept, and what was chosen would be lost',
  ])
  expect(read('zktune.quorum=4:2\n').faults).toEqual(['zktune.quorum is 4:2, but there are 3 voters'])
  expect(read('zktune.quorum=0:3\n').faults).toEqual(['zktune.quorum is 0:3, but there are 3 voters'])
  expect(read('zktune.quorum=most\n').faults).toEqual(['zktune.quorum is "most", which names no quorums'])
})

test('an observer is in no size and in no group', () => {
  const observer = 'server.4=d:2888:3888:observer\n'
  expect(read(`${observer}zktune.quorum=2:2\n`).faults).toEqual([])
  expect(read(`${observer}group.1=1:2:3:4\n`).quorum).toMatchObject({ groups: [[{ id: 1 }, { id: 2 }, { id: 3 }]] })
})

test('what Apache refuses of groups is refused: a server in two, a server in none, a weight without any', () => {
  expect(read('group.1=1:2:3\ngroup.2=3\n').faults).toEqual(['server 3 is in more than one group'])
  expect(read('group.1=1:2\n').faults).toEqual(['server 3 is in no group'])
  expect(read('weight.1=2\n').faults).toEqual(['servers 1, 2, 3 are in no group'])
})

test('weights with which no leader could be elected are refused, though Apache starts with them', () => {
  const weightless = 'group.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=0\n'
  expect(read(weightless).faults).toEqual(['every voter has the weight 0, so no leader could ever be elected'])
  expect(read('group.1=1:2:3\nweight.1=-1\n').faults).toEqual(['weight.1 is "-1" but must be a whole number from 0'])
})

test('groups and zktune.quorum exclude each other', () => {
  expect(read('group.1=1:2:3\nzktune.quorum=unanimous\n').faults).toEqual([
    'zktune.quorum stands beside group or weight lines, and each says what a quorum is',
  ])
})

test('what unanimity costs is said to whoever asks for it', () => {
  const text = `${ENSEMBLE}zktune.quorum=unanimous\n`
  const { remarks } = readServerConfig({ file: 'zoo.cfg', text, myid: '1', dynamic: null })
  expect(remarks).toMatchObject([
    {
      where: 'zoo.cfg:9',
      what: expect.stringMatching(/each of the 3 voters .* writes stop until it is back/) as string,
    },
  ])
})
