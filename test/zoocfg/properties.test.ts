import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCorpus } from './corpus.ts'
import { findEntry, javaTrim, propertyLine, readProperties, setProperty } from '../../src/zoocfg/properties.ts'

function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries(readProperties(text).entries.map((entry) => [entry.key, entry.value]))
}

describe('what an INI reader would get wrong', () => {
  test('a semicolon belongs to the value: the client port of a server line', () => {
    expect(valuesOf('server.1=zk1:2888:3888;2181\n')).toEqual({ 'server.1': 'zk1:2888:3888;2181' })
  })

  test('a number sign inside a value starts no comment', () => {
    expect(valuesOf('ssl.keyStore.password=abc#123;x')).toEqual({ 'ssl.keyStore.password': 'abc#123;x' })
    expect(valuesOf('tickTime=2000 # ms')).toEqual({ tickTime: '2000 # ms' })
  })

  test('a colon or a blank separates as well as an equals sign', () => {
    expect(valuesOf('dataDir : /x\nclientPort 2181\ntickTime\t=\t2000')).toEqual({
      dataDir: '/x',
      clientPort: '2181',
      tickTime: '2000',
    })
  })

  test('lines that start with # or ! are comments, blanks before them or not', () => {
    expect(valuesOf('# a=1\n  ! b=2\n\t# c=3\nd=4')).toEqual({ d: '4' })
  })

  test('a backslash at the end joins the next line without its leading blanks', () => {
    expect(valuesOf('group.1=1:\\\n    2:\\\r\n    3\ntickTime=2000')).toEqual({ 'group.1': '1:2:3', tickTime: '2000' })
  })

  test('square brackets open no section', () => {
    expect(valuesOf('[x]\ntickTime=2000')).toEqual({ '[x]': '', tickTime: '2000' })
  })
})

// Each pair was read by java.util.Properties of OpenJDK 17.0.15.
test.each([
  ['a\\ b=c', { 'a b': 'c' }],
  ['a\\=b=c', { 'a=b': 'c' }],
  ['a\\:b:c', { 'a:b': 'c' }],
  ['a==b', { a: '=b' }],
  ['a = = b', { a: '= b' }],
  ['a  b  ', { a: 'b  ' }],
  ['a', { a: '' }],
  ['=b', { '': 'b' }],
  ['a=\\u0041\\t\\n\\r\\f\\q\\\\', { a: 'A\t\n\r\fq\\' }],
  ['a=b\\', { a: 'b' }],
  ['a=b\\\n', { a: 'b' }],
  ['a=b\\\\\nc=d', { a: 'b\\', c: 'd' }],
  ['a=b\\\n\nc=d', { a: 'b', c: 'd' }],
  ['a=b\\\n#c=d', { a: 'b#c=d' }],
  ['# comment\\\na=b', { a: 'b' }],
  ['\\\n# c=d\na=b', { a: 'b' }],
  ['a=1\ra=2\r\nb=3', { a: '2', b: '3' }],
  ['\\', { '': '' }],
  ['a=caf\u00e9', { a: 'caf\u00e9' }],
])('%j reads as Java reads it', (text, expected) => {
  expect(valuesOf(text)).toEqual(expected)
})

test('a broken \\u is reported where it stands', () => {
  expect(readProperties('a=1\nkey = x\\u12g4\n').malformed).toEqual([{ line: 2, column: 8 }])
  expect(readProperties('a=\\u0041').malformed).toEqual([])
})

test('an entry knows the line and column of its key and of its value', () => {
  const { entries } = readProperties('# top\r\n\r\n  tickTime = 2000\r\ninitLimit=\\\r\n   10\r\n')
  expect(entries).toMatchObject([
    { key: 'tickTime', line: 3, column: 3, valueLine: 3, valueColumn: 14 },
    { key: 'initLimit', line: 4, column: 1, valueLine: 5, valueColumn: 4 },
  ])
})

test('of two entries with one key the later counts', () => {
  const properties = readProperties('tickTime=1000\ntickTime=2500\n')
  expect(findEntry(properties, 'tickTime')).toMatchObject({ value: '2500', line: 2 })
  expect(setProperty(properties, 'tickTime', '3000')).toBe('tickTime=1000\ntickTime=3000\n')
})

test.each([
  ['clientPort', 'clientPort=2181'],
  ['clientPort ', 'clientPort 2181'],
  ['clientPort : 1 # no comment\n', 'clientPort : 2181\n'],
  ['x=1\nclientPort=\\\n  12\\\n  34\ny=2', 'x=1\nclientPort=\\\n  2181\ny=2'],
  ['', 'clientPort=2181\n'],
  ['tickTime=2000', 'tickTime=2000\nclientPort=2181\n'],
  ['tickTime=2000\r\n', 'tickTime=2000\r\nclientPort=2181\r\n'],
  ['tickTime=2000\\', 'tickTime=2000\\\n\nclientPort=2181\n'],
  ['tickTime=2000\\\n', 'tickTime=2000\\\n\nclientPort=2181\n'],
  ['# end', '# end\nclientPort=2181\n'],
])('setting clientPort in %j gives %j', (before, after) => {
  expect(setProperty(readProperties(before), 'clientPort', '2181')).toBe(after)
})

test('a path outside ASCII is written so that every reader takes it the same way', () => {
  expect(propertyLine('dataDir', '/data/größe')).toBe('dataDir=/data/gr\\u00f6\\u00dfe')
})

test('javaTrim takes away control characters and blanks, not the no-break space', () => {
  expect(javaTrim(' \t\u0000a b\u0001\n')).toBe('a b')
  expect(javaTrim('\u00a0a')).toBe('\u00a0a')
})

const fragments = fc.constantFrom(
  ...['a', 'b', 'key', '=', ':', ' ', '\t', '\f', '\n', '\r', '\r\n', '\\', '\\\n', '#', '!', ';', '\\u0041', 'é', '1'],
)
const texts = fc.array(fragments, { maxLength: 30 }).map((pieces) => pieces.join(''))

test('setting one value changes nothing else: not another value, not a character outside', () => {
  fc.assert(
    fc.property(texts, fc.nat(), fc.string({ unit: 'binary' }), (text, pick, value) => {
      const before = readProperties(text)
      const chosen = before.entries[pick % Math.max(1, before.entries.length)]
      if (chosen === undefined) return
      const entry = findEntry(before, chosen.key)
      const changed = setProperty(before, chosen.key, value)
      expect(changed.startsWith(text.slice(0, entry?.valueStart))).toBe(true)
      expect(changed.endsWith(text.slice(entry?.valueEnd))).toBe(true)
      expect(readProperties(changed).entries.map(({ key, value: read }) => [key, read])).toEqual(
        before.entries.map((other) => [other.key, other === entry ? value : other.value]),
      )
    }),
    { numRuns: 500 },
  )
})

test('a key that is not there is added at the end, and all before it stays', () => {
  fc.assert(
    fc.property(texts, fc.string({ unit: 'binary' }), (text, value) => {
      const changed = setProperty(readProperties(text), 'clientPort', value)
      expect(changed.startsWith(text)).toBe(true)
      expect(findEntry(readProperties(changed), 'clientPort')?.value).toBe(value)
    }),
    { numRuns: 300 },
  )
})

test('any key and value that are written read back as the same two texts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
      expect(readProperties(propertyLine(key, value)).entries).toMatchObject([{ key, value }])
    }),
  )
})

/** The text again, out of what the reader says of it: entries where they stand, and what lies between them. */
function rendered(text: string): string {
  const { entries } = readProperties(text)
  let result = ''
  let from = 0
  for (const { start, valueStart, valueEnd } of entries) {
    expect(from <= start && start <= valueStart && valueStart <= valueEnd).toBe(true)
    const gap = text.slice(from, start)
    // A backslash that joins a blank line to the next one is an empty entry when it stands alone.
    const between = readProperties(gap).entries.filter(({ key, value }) => key !== '' || value !== '')
    expect(between, 'what lies between entries is blanks and comments').toEqual([])
    result += gap + text.slice(start, valueStart) + text.slice(valueStart, valueEnd)
    from = valueEnd
  }
  return result + text.slice(from)
}

test('every byte is in one entry or between two, in order', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(rendered(text)).toBe(text)
    }),
    { numRuns: 500 },
  )
})

test('so it is with every file of the corpus, and changing one of its values keeps all other bytes', () => {
  for (const { servers } of readCorpus()) {
    for (const { file, text } of servers) {
      expect(rendered(text), file).toBe(text)
      const properties = readProperties(text)
      const counting = properties.entries.filter((entry) => findEntry(properties, entry.key) === entry)
      for (const { key, valueStart, valueEnd } of counting) {
        const changed = setProperty(properties, key, 'other')
        expect(changed, `${file}: ${key}`).toBe(`${text.slice(0, valueStart)}other${text.slice(valueEnd)}`)
      }
    }
  }
})
