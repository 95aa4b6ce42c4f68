import { expect, test } from 'vitest'

import { mendedStart, mendText } from '../../../src/tune/recommend/mended-start.ts'
import { lint } from '../../../src/zoocfg/lint/lint.ts'
import { readProperties } from '../../../src/zoocfg/properties.ts'

const RELEASE = { major: 3, minor: 8 }
const SLIPS = [
  'tickTime=2000',
  'snapCount=5000',
  'commitLogCount = 40',
  'forceSync=true',
  'snapCount=9000',
  'dataDir=/data # the disk',
  '',
].join('\n')

test('slips that lint can mend safely are mended, and every line stays where it was', () => {
  const { text, mends } = mendedStart('zoo.cfg', SLIPS, RELEASE)
  expect(mends.map((mend) => mendText('zoo.cfg', mend))).toEqual([
    'zoo.cfg:2: snapCount is given again in line 5, and only that one counts; the line is left out',
    'zoo.cfg:3: commitLogCount is 40, but 500 counts; taken as commitLogCount=500',
    'zoo.cfg:4: forceSync is "true", which counts as yes; taken as forceSync=yes',
    'zoo.cfg:6: dataDir is "/data # the disk", comment and all; taken as dataDir=/data',
  ])
  const [, second = '', ...rest] = text.split('\n')
  expect(second).toBe(
    '# snapCount was taken away by zktune recommend: snapCount is given again in line 5, and only that one counts',
  )
  expect(rest).toEqual(['commitLogCount = 500', 'forceSync=yes', 'snapCount=9000', 'dataDir=/data', ''])
  expect(readProperties(text).entries).toHaveLength(5)
  expect(lint([{ file: 'zoo.cfg', text }], RELEASE).filter(({ fix }) => fix !== null)).toEqual([])
})

test('what is harmful and no slip is left for the search to find', () => {
  const text = 'tickTime=2000\nmaxBatchSize=1\nsnapCount=20\n'
  expect(mendedStart('zoo.cfg', text, RELEASE)).toEqual({ text, mends: [] })
})
