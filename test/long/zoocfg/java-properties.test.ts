import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generatedTexts, readByJava, readByUs } from '../../zoocfg/java/java-properties.ts'
import { seedOfCommit } from '../../seed-of-commit.ts'

const SEED = seedOfCommit()

test('a hundred thousand generated files read as java.util.Properties reads them', async () => {
  const texts = fc.sample(generatedTexts, { numRuns: 100_000, seed: SEED })
  const byJava = await readByJava(texts)
  expect(byJava.length).toBe(texts.length)
  const differing = texts.filter((text, index) => JSON.stringify(readByUs(text)) !== JSON.stringify(byJava[index]))
  expect(differing.slice(0, 10)).toEqual([])
})
