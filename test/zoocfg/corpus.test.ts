import { describe, expect, test } from 'vitest'
import { RULE_TEXTS } from '../../src/zoocfg/lint/rule-texts.ts'
import { readCorpus, readExpected } from './corpus.ts'

const CORPUS = readCorpus()
const REFUSING: ReadonlySet<string> = new Set(
  RULE_TEXTS.filter(({ enforcement }) => enforcement === 'startup-refusal').map(({ id }) => id),
)

test('there are at least sixty', () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(60)
})

describe.each(CORPUS)('$name', (corpus) => {
  const { release, apache, findings } = readExpected(corpus)

  test('has the findings that stand beside it, and no other', () => {
    expect([...corpus.find(release)].sort()).toEqual([...findings].sort())
  })

  test('has a finding that says so if Apache refuses to start, and none if it starts', () => {
    const refusals = findings.filter((finding) => REFUSING.has(finding.slice(finding.lastIndexOf(' ') + 1)))
    if (apache.kind !== 'untried') expect(refusals.length > 0).toBe(apache.kind === 'refuses')
  })
})

test('what Debian and the official image start with has no error', () => {
  for (const name of ['debian-sample', 'official-image-default', 'official-image-three']) {
    const corpus = CORPUS.find((each) => each.name === name)
    expect(
      corpus?.find('3.8').filter((finding) => finding.includes(' error ')),
      name,
    ).toEqual([])
  }
})
