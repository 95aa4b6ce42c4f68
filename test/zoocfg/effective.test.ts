import { expect, test } from 'vitest'
import { consequencesOf, effectiveValues } from '../../src/zoocfg/effective.ts'
import type { Origin } from '../../src/zoocfg/effective.ts'
import { ServerView } from '../../src/zoocfg/lint/server-view.ts'
import { parseRelease } from '../../src/zoocfg/release.ts'
import { valueDifferences } from '../../src/zoocfg/value-diff.ts'

const ENSEMBLE = 'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n'

function view(text: string, release = '3.8'): ServerView {
  return new ServerView({ file: 'zoo.cfg', text }, parseRelease(release) ?? { major: 3, minor: 8 })
}

function effective(text: string, key: string, release?: string): readonly [string | null, Origin['kind']] {
  const value = effectiveValues(view(text, release)).find((each) => each.key === key)
  return [value?.value ?? null, value?.origin.kind ?? 'default']
}

test.each([
  ['', 'tickTime', '3000', 'default'],
  ['tickTime=2000', 'tickTime', '2000', 'file'],
  ['tickTime=2000', 'minSessionTimeout', '4000', 'derived'],
  ['tickTime=2000\nminSessionTimeout=-1', 'minSessionTimeout', '4000', 'derived'],
  ['minSessionTimeout=7000', 'minSessionTimeout', '7000', 'file'],
  ['snapCount=1', 'snapCount', '2', 'replaced'],
  ['snapCount=0x10', 'snapCount', '16', 'file'],
  ['snapCount=10k', 'snapCount', '100000', 'replaced'],
  ['forceSync=false', 'forceSync', 'yes', 'replaced'],
  ['forceSync=no', 'forceSync', 'no', 'file'],
  ['digest.enabled=off', 'digest.enabled', 'false', 'replaced'],
  ['peerType=OBSERVER', 'peerType', 'observer', 'file'],
  ['dataDir=/d', 'dataLogDir', '/d', 'derived'],
  ['flushDelay=30', 'maxWriteQueuePollTime', '10', 'derived'],
  ['tickTime=1\ntickTime=2', 'tickTime', '2', 'file'],
  ['', 'dataDir', null, 'default'],
])('of %j the effective %s is %s (%s)', (text, key, value, kind) => {
  expect(effective(text, key)).toEqual([value, kind])
})

test('defaults are those of the release', () => {
  expect(effective('', 'admin.enableServer', '3.9')).toEqual(['true', 'default'])
  expect(effective('', 'admin.enableServer', '3.10')).toEqual(['false', 'default'])
})

test('what follows for sessions, elections, load and failures is said with its arithmetic', () => {
  const lines = consequencesOf(view(`tickTime=2000\ninitLimit=10\nsyncLimit=5\n${ENSEMBLE}`))
  expect(lines.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'session timeouts: 4000 to 40000 ms',
    'a session expires late by up to: 2000 ms',
    'a silent leader is given up after: 10000 ms',
    'a new leader and its followers agree within: 20000 ms',
    'requests that one voter may hold: 500',
    'voters that may fail: 1',
  ])
  expect(consequencesOf(view('tickTime=2000'))).toHaveLength(2)
})

test('form, order and lines that say the default make no difference', () => {
  const one = view(`tickTime=3000\nforceSync=false\n${ENSEMBLE}`)
  const other = view(`# the same\n${ENSEMBLE}forceSync : yes\nmaxClientCnxns=60\n`)
  expect(valueDifferences(one, other)).toEqual([])
})

test('a difference has both values, and where each comes from; what follows stands last', () => {
  const differences = valueDifferences(view(`tickTime=2000\n${ENSEMBLE}`), view(`${ENSEMBLE}server.4=d:2888:3888\n`))
  expect(differences.map(({ key, values }) => [key, ...values.map(({ value }) => value)])).toEqual([
    ['tickTime', '2000', '3000'],
    ['server.4', null, 'd:2888:3888'],
    ['minSessionTimeout', '4000', '6000'],
    ['maxSessionTimeout', '40000', '60000'],
    ['session timeouts', '4000 to 40000 ms', '6000 to 60000 ms'],
    ['a session expires late by up to', '2000 ms', '3000 ms'],
    ['requests that one voter may hold', '500', '333'],
  ])
  expect(differences[0]?.values.map(({ origin }) => origin.kind)).toEqual(['file', 'default'])
})
