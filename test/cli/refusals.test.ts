import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'
import { readServerFiles } from '../../src/cli/server-files.ts'
import { lint } from '../../src/zoocfg/lint/lint.ts'
import { RULE_TEXTS } from '../../src/zoocfg/lint/rule-texts.ts'
import { OF_LATER_RELEASES, portsOf, REFUSALS, writeRefusal } from '../zoocfg/refusals.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zktune-refusal-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('every rule of a refusal has a configuration that npm run long starts Apache with', () => {
  const refusing = RULE_TEXTS.filter(({ enforcement }) => enforcement === 'startup-refusal').map(({ id }) => id)
  const shown = new Set([...REFUSALS.map(({ rule }) => rule), ...OF_LATER_RELEASES])
  expect([...shown].sort()).toEqual([...refusing].sort())
})

test.each(REFUSALS.filter(({ isOfTheMoment }) => isOfTheMoment !== true))('lint tells $rule: $says', (refusal) => {
  const config = writeRefusal(refusal, folder, portsOf([2181, 2281, 2888, 3888, 8081]))
  const refused = lint([readServerFiles(config)]).filter(({ effect }) => effect.startsWith('Apache refuses to start'))
  expect(refused.map(({ rule }) => rule)).toContain(refusal.rule)
  // A configuration has one fault: what else lint takes for a refusal follows from it.
  expect(new Set(refused.map(({ rule }) => rule)).size).toBe(1)
})
