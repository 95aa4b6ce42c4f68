import { expect, test } from 'vitest'

import { lineageToNpm } from '../../src/cli/npm-parent.ts'

const PROCESSES = new Map([
  [40, { pid: 40, parentPid: 30, commandLine: 'node /x/.bin/zktune up' }],
  [30, { pid: 30, parentPid: 20, commandLine: "sh -c 'zktune' up" }],
  [20, { pid: 20, parentPid: 10, commandLine: 'npm exec zktune up   ' }],
  [10, { pid: 10, parentPid: 1, commandLine: 'bash' }],
  [1, { pid: 1, parentPid: 0, commandLine: '/sbin/init' }],
])
const read = (pid: number) => PROCESSES.get(pid) ?? null

test('the processes watched are those below npm, so that the death of npm or of its shell shows', () => {
  expect(lineageToNpm(40, read)?.map((each) => [each.pid, each.parentPid])).toEqual([
    [40, 30],
    [30, 20],
  ])
})

test('nothing is watched when npm is not above: a script may leave us in the background', () => {
  expect(lineageToNpm(10, read)).toBeNull()
})
