import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import fc from 'fast-check'
import { readProperties } from '../../../src/zoocfg/properties.ts'

const PROGRAM = fileURLToPath(new URL('ReadProperties.java', import.meta.url))

/** Key and value, by key; null for a text that is refused as a whole. */
export type Values = readonly (readonly [key: string, value: string])[] | null

/**
 * What `java.util.Properties` reads in each text, by one JVM for all of them.
 *
 * @param texts one byte a character
 */
export async function readByJava(texts: readonly string[]): Promise<readonly Values[]> {
  const lines = texts.map((text) => Buffer.from(text, 'latin1').toString('base64'))
  const printed = await javaOutput(`${lines.join('\n')}\n`)
  return printed.split('\n').slice(0, -1).map(valuesOf)
}

/** What we read in it, in the same form. */
export function readByUs(text: string): Values {
  const { entries, malformed } = readProperties(text)
  if (malformed.length > 0) return null
  return sorted([...new Map(entries.map(({ key, value }) => [key, value]))])
}

/** Files of all that the grammar knows, in any order. */
export const generatedTexts: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['=', ':', ' ', '\t', '\f', '\n', '\r', '\r\n', '\\', '\\\n', '\\\r\n', '#', '!', '\\\\', '\\='],
      ),
      fc.constantFrom(
        ...['\\u0041', '\\u00e9', '\\u20AC', '\\u12', '\\uD83D', '\\t', '\\n', '\\q', '\\ ', '\u0000', '\u00a0'],
      ),
      fc.constantFrom(...['a', 'key', 'server.1', 'zk1:2888:3888;2181', 'dataDir', '/var/lib', '2000', 'é', 'ÿ']),
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 5 }),
    ),
    { maxLength: 25 },
  )
  .map((pieces) => pieces.join(''))

function valuesOf(line: string): Values {
  if (line === 'malformed') return null
  const words = line.split(' ').filter((word) => word !== '')
  const texts = words.map((word) => Buffer.from(word.slice(1), 'base64').toString('utf16le'))
  return sorted(texts.flatMap((key, index) => (index % 2 === 0 ? [[key, texts[index + 1] ?? ''] as const] : [])))
}

function sorted(pairs: readonly (readonly [string, string])[]): Values {
  return [...pairs].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
}

function javaOutput(input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const java = spawn('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', PROGRAM])
    let printed = ''
    let complaint = ''
    java.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('latin1')))
    java.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('latin1')))
    java.on('error', reject)
    java.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`java ended with ${code}: ${complaint}`))
    })
    java.stdin.end(input)
  })
}
