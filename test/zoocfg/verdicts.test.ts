import { expect, test } from 'vitest'
import { allKnobs, findKnob, ownKnobs } from '../../src/zoocfg/catalogue.ts'
import { VERDICTS } from '../../src/zoocfg/verdict-data.ts'
import type { Verdict } from '../../src/zoocfg/verdict.ts'
import { settingsPage } from './settings-page.ts'

const keys = VERDICTS.map(({ key }) => key)

test('every setting of the catalogue has one verdict, and nothing else has', () => {
  const catalogue = [...allKnobs(), ...ownKnobs()].map(({ key }) => key)
  expect([...keys].sort()).toEqual([...catalogue].sort())
})

test('the verdicts stand by group, and in each group by key, so that two hands seldom meet on a line', () => {
  const place = (key: string): string => `${findKnob(key)?.group === 'zktune' ? '' : findKnob(key)?.group} ${key}`
  const places = keys.map((key) => place(key).toLowerCase())
  expect(places).toEqual([...places].sort())
})

test.each(VERDICTS)('$key: the text goes on after a colon', (verdict) => {
  const text = textOf(verdict)
  expect(text).not.toMatch(/[.:]$|^(The|An?|It|No|With|How|What|When|If|This)\b/)
  expect(text.length).toBeGreaterThan(10)
})

test('docs/settings.md is made of the verdicts; `npx vitest run test/zoocfg/verdicts -u` makes it anew', async () => {
  await expect(settingsPage()).toMatchFileSnapshot('../../docs/settings.md')
})

function textOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'honoured':
      return verdict.how
    case 'not-applicable':
      return verdict.reason
    case 'not-yet':
      return verdict.instead
  }
}
