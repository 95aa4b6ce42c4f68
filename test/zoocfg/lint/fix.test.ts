import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixed } from '../../../src/zoocfg/lint/fix.ts'
import { lint } from '../../../src/zoocfg/lint/lint.ts'

function fix(text: string): string {
  return fixed('zoo.cfg', text, lint([{ file: 'zoo.cfg', text }]))
}

describe('a fix changes its own line and nothing else', () => {
  test.each([
    ['# a\nforceSync = false  \n! b\n', '# a\nforceSync = yes\n! b\n'],
    ['tickTime=2000\r\ntickTime=3000\r\n', 'tickTime=3000\r\n'],
    ['quorumListenOnAllIPs : yes', 'quorumListenOnAllIPs : true'],
    ['autopurge.snapRetainCount=\\\n  1\nx=1', 'autopurge.snapRetainCount=\\\n  3\nx=1'],
    ['  tickTime=1\\\n 0\n\ntickTime=2000', '\ntickTime=2000'],
    ['forceSync', 'forceSync=yes'],
    ['dataDir=/data\nclientPort=2181\n', 'dataDir=/data\nclientPort=2181\n'],
  ])('%j becomes %j', (before, after) => {
    expect(fix(before)).toBe(after)
  })
})

test('what is fixed has nothing more to fix, and no new error', () => {
  const line = fc.constantFrom(
    ...['forceSync=false', 'forceSync = NO', 'skipACL=true', 'tickTime=2000', 'tickTime=2000\\', '# tickTime=1', ''],
    ...['digest.enabled: on', 'standaloneEnabled 1', 'snapSizeLimitInKb=0', 'commitLogCount=5', 'dataDir=/data'],
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, newline) => {
      const text = lines.join(newline)
      const errorsOf = (of: string): number =>
        lint([{ file: 'zoo.cfg', text: of }]).filter(({ severity }) => severity === 'error').length
      const mended = fix(text)
      expect(fix(mended)).toBe(mended)
      expect(errorsOf(mended)).toBeLessThanOrEqual(errorsOf(text))
    }),
  )
})
