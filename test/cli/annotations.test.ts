import { expect, test } from 'vitest'
import { annotation, annotationsOf, isOnGitHub } from '../../src/cli/annotations.ts'
import { judge, parseThreshold } from '../../src/measure/threshold.ts'
import { CAPACITY, OPEN, RESULT, resultWith } from '../report/bench-example.ts'

test('an annotation is one line of a workflow command, with what would end it early escaped', () => {
  // actions/toolkit, packages/core/src/command.ts: data escapes % CR LF, properties : and , as well.
  expect(annotation('error', 'a: b, c', '70 % of\r\nit')).toBe('::error title=a%3A b%2C c::70 %25 of%0D%0Ait')
})

test('breached thresholds are errors, doubts are warnings, and a good run says nothing', () => {
  expect(annotationsOf(RESULT)).toEqual([])
  const thresholds = judge([parseThreshold('set.p99<1ms'), parseThreshold('errors==0')], RESULT)
  const phases = [
    { ...CAPACITY, unsteadyBecause: 'it fell by 12 %' },
    { ...OPEN, clientLimited: 'a generator' },
  ]
  expect(annotationsOf(resultWith(phases, { thresholds, partial: true }))).toEqual([
    '::error title=zktune%3A breached::set.p99<1ms: 12.4 ms (70 %25 of capacity)',
    '::warning title=zktune%3A not steady::capacity: it fell by 12 %25',
    '::warning title=zktune%3A client-limited::70 %25 of capacity: a generator',
    '::warning title=zktune%3A partial::interrupted: the figures cover what was measured',
  ])
})

test('nobody but GitHub is told by annotations', () => {
  expect([isOnGitHub({ GITHUB_ACTIONS: 'true' }), isOnGitHub({ CI: 'true' })]).toEqual([true, false])
})
