import { expect, test } from 'vitest'
import { judge, parseThreshold } from '../../src/measure/threshold.ts'
import { CAPACITY, OPEN, OPERATION, resultWith } from '../report/bench-example.ts'

const RESULT = resultWith([
  { ...CAPACITY, errors: { CONNECTIONLOSS: 2 }, byOperation: { set: { ...OPERATION, errors: { CONNECTIONLOSS: 2 } } } },
  { ...OPEN, byOperation: { set: { ...OPERATION, latencyUs: { ...OPERATION.latencyUs, p99: 20_000, p999: null } } } },
])

test.each([
  ['set.p99<20ms', false, 20_000],
  ['set.p99<=20ms', true, 20_000],
  ['set.p99 < 0.021s', true, 20_000],
  ['all.p50<214us', true, 213.4],
  ['read.max<1ms', false, 1_234_567],
  ['throughput>123456', true, 123_456.7],
  ['all.opsPerSecond>=200000', false, 123_456.7],
  ['errors==0', false, 2],
  ['set.errors==2', true, 2],
  ['set.p999<1s', false, null],
  ['delete.p50<1s', false, null],
])('%s is kept: %s', (text, isKept, value) => {
  expect(judge([parseThreshold(text)], RESULT)).toMatchObject([{ isKept, value }])
})

test.each([
  ['set.p98<20ms', /no metric "set.p98".*Did you mean "p9/],
  ['st.p99<20ms', /no metric "st.p99".*Did you mean "set"/],
  ['throughputt>1', /no metric "throughputt".*Did you mean "throughput"/],
  ['set.p99<20', /no unit.*20ms/],
  ['throughput>5ms', /the unit "ms".*without a unit/],
  ['set.p99', /is no threshold/],
  ['set.p99=20ms', /is no threshold/],
])('%s is refused', (text, says) => {
  expect(() => parseThreshold(text)).toThrow(says)
})
