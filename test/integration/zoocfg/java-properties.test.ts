import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readCorpus } from '../../zoocfg/corpus.ts'
import type { Values } from '../../zoocfg/java/java-properties.ts'
import { generatedTexts, readByJava, readByUs } from '../../zoocfg/java/java-properties.ts'

const PLANTED = ['a=1\na=2\nb=\\u0041', 'a=\\u00']
const MET = readCorpus().flatMap(({ servers }) => servers.map(({ text }) => text))
/** The same with each run; `npm run long` tries others. A failure tells the text. */
const GENERATED = fc.sample(generatedTexts, { numRuns: 2_000, seed: 1 })
const TEXTS = [...PLANTED, ...MET, ...GENERATED]

let byJava: readonly Values[]

beforeAll(async () => {
  byJava = await readByJava(TEXTS)
})

test('the corpus and two thousand generated files read as java.util.Properties reads them', () => {
  expect(byJava.length).toBe(TEXTS.length)
  TEXTS.forEach((text, index) => expect(readByUs(text), JSON.stringify(text)).toEqual(byJava[index]))
})

test('the comparison would tell a difference', () => {
  const [values, refused] = byJava
  expect(values).toEqual([
    ['a', '2'],
    ['b', 'A'],
  ])
  expect(refused).toBe(null)
  expect(readByUs('a=1\nb=\\u0041')).not.toEqual(values)
})
