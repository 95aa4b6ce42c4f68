import { describe, expect, test } from 'vitest'
import { lineDiff } from '../../src/report/line-diff.ts'
import { githubAnnotations, lintJson, lintSarif } from '../../src/report/lint-exchange.ts'
import { lintText } from '../../src/report/lint-text.ts'
import type { LintFinding } from '../../src/zoocfg/lint/lint-rule.ts'

const FINDING: LintFinding = {
  rule: 'force-sync-off',
  severity: 'error',
  key: 'forceSync',
  file: './conf/zoo.cfg',
  line: 7,
  column: 3,
  message: 'forceSync is no',
  effect: 'Apache does as told. Acknowledged writes can vanish.',
  mend: 'Only for data that may be lost; 100% of it.',
  fix: null,
}
const FIXABLE: LintFinding = { ...FINDING, rule: 'x', severity: 'info', fix: { kind: 'delete' } }

test('text has a block a finding, and ends with what to do next', () => {
  const style = { hasColour: false, hasUnicode: true, columns: 60 }
  expect(lintText([FINDING, FIXABLE], 2, style)).toMatchInlineSnapshot(`
    "./conf/zoo.cfg:7:3 error: forceSync is no [force-sync-off]
        Apache does as told. Acknowledged writes can vanish.
        Mend: Only for data that may be lost; 100% of it.

    ./conf/zoo.cfg:7:3 info: forceSync is no [x]
        Apache does as told. Acknowledged writes can vanish.
        Mend: Only for data that may be lost; 100% of it.

    1 error, 0 warnings, 1 info in 2 files. 1 can be fixed: add --fix.
    "
  `)
  expect(lintText([], 1, style)).toBe('Nothing found in 1 file.\n')
})

test('JSON has the fields that the documentation names, in one document', () => {
  const document: unknown = JSON.parse(lintJson([FINDING, FIXABLE]))
  expect(document).toEqual({
    schemaVersion: 1,
    command: 'lint',
    findings: [FINDING, FIXABLE].map(({ fix, ...rest }) => ({ ...rest, fixable: fix !== null })),
  })
})

test('SARIF refers to its rules, by index and by name', () => {
  const rule = {
    id: FINDING.rule,
    severity: 'error',
    enforcement: 'advice',
    when: 'forceSync=no',
    why: 'Acknowledged writes can vanish.',
    mend: 'Remove.',
    source: 'FileTxnLog',
  } as const
  const log: unknown = JSON.parse(lintSarif([FINDING], [{ ...rule, id: 'other' }, rule], '1.2.3'))
  expect(log).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'zktune', version: '1.2.3', rules: [{ id: 'force-sync-off' }] } },
        results: [
          {
            ruleId: 'force-sync-off',
            ruleIndex: 0,
            level: 'error',
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'conf/zoo.cfg' },
                  region: { startLine: 7, startColumn: 3 },
                },
              },
            ],
          },
        ],
      },
    ],
  })
})

test("GitHub's commands escape what would end them", () => {
  expect(githubAnnotations([{ ...FINDING, file: 'a,b:c.cfg' }])).toBe(
    '::error file=a%2Cb%3Ac.cfg,line=7,col=3,title=force-sync-off::forceSync is no. ' +
      'Only for data that may be lost; 100%25 of it.\n',
  )
})

describe('a difference', () => {
  const between = (before: string, after: string): string =>
    lineDiff({ name: 'old', text: before }, { name: 'new', text: after })

  test('shows three lines around each change', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`)
    const changed = lines.map((line, index) => (index === 4 ? 'FIVE\n' : line)).filter((_, index) => index !== 15)
    expect(between(lines.join(''), changed.join(''))).toMatchInlineSnapshot(`
      "--- old
      +++ new
      @@ -2,7 +2,7 @@
       line 2
       line 3
       line 4
      -line 5
      +FIVE
       line 6
       line 7
       line 8
      @@ -13,7 +13,6 @@
       line 13
       line 14
       line 15
      -line 16
       line 17
       line 18
       line 19
      "
    `)
  })

  test('of equal texts is nothing', () => {
    expect(between('a\n', 'a\n')).toBe('')
  })
})
