import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const PURE_ROOMS = ['kernel', 'protocol', 'paxos', 'tree', 'zoocfg', 'profile', 'stats', 'report', 'lincheck']

/** Clocks, chance, timers, promises and the process: what would make a pure room answer differently next time. */
const IMPURE_NAMES = new Set([
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Promise',
  'process',
  'console',
  'fetch',
  'crypto',
])

function filesUnder(folder: string, skipped: readonly string[] = []): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (skipped.includes(name)) return []
    return statSync(path).isDirectory() ? filesUnder(path, skipped) : [path]
  })
}

/** @returns `12: setTimeout`, line and name of each use that is not somebody's property of that name */
function impureUses(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023, true)
  const uses: string[] = []
  const note = (node: ts.Node, name: string): void => {
    uses.push(`${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}: ${name}`)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && IMPURE_NAMES.has(node.text) && !isPropertyName(node)) note(node, node.text)
    if (ts.isPropertyAccessExpression(node) && node.getText(file) === 'Math.random') note(node, 'Math.random')
    if (node.kind === ts.SyntaxKind.AsyncKeyword) note(node, 'async')
    if (ts.isAwaitExpression(node)) note(node, 'await')
    ts.forEachChild(node, visit)
  }
  visit(file)
  return uses
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node
  const isMember =
    ts.isPropertyAccessExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isTypeElement(parent)
  return isMember && parent.name === node
}

describe('the pure rooms', () => {
  for (const room of PURE_ROOMS) {
    test(`${room} knows no clock, chance, timer, promise or process`, () => {
      const found = filesUnder(join(ROOT, 'src', room)).flatMap((path) =>
        impureUses(readFileSync(path, 'utf8')).map((use) => `${relative(ROOT, path)}:${use}`),
      )
      // The Http port has the form of the Fetch standard, which is made of promises; a type is no promise.
      expect(found.filter((use) => !/^src\/kernel\/ports\.ts:\d+: Promise$/.test(use))).toEqual([])
    })
  }

  test('would be found out by this test', () => {
    expect(impureUses('const startMs = Date.now()')).toEqual(['1: Date'])
    expect(impureUses('\nreturn Math.random()')).toEqual(['2: Math.random'])
    expect(impureUses('export async function f() { await g() }')).toEqual(['1: async', '1: await'])
    expect(impureUses('setTimeout(f, 5)')).toEqual(['1: setTimeout'])
    expect(impureUses('function f(): Promise<void>')).toEqual(['1: Promise'])
    expect(impureUses('if (process.pid) g()')).toEqual(['1: process'])
  })

  test('may have a property of such a name, and speak of them in comments and texts', () => {
    expect(impureUses('// process.exit\nserver.process.stop("Date.now")\nconst x = { process: 1 }')).toEqual([])
  })
})

describe('the process', () => {
  const entries = [
    'cli/main.ts',
    'cli/run-process.ts',
    'ensemble/server-main.ts',
    'ensemble/apache/keeper-main.ts',
    'measure/generator-main.ts',
  ]

  test('is printed to and ended by its entry files alone', () => {
    const used = /\bprocess\.(exit|exitCode|stdout|stderr)\b|\bconsole\./
    const others = filesUnder(join(ROOT, 'src')).filter((path) => !entries.some((entry) => path.endsWith(entry)))
    const found = others.filter((path) => used.test(readFileSync(path, 'utf8').replaceAll(/^ *(\/?\*|\/\/).*$/gm, '')))
    expect(found.map((path) => relative(ROOT, path))).toEqual([])
    for (const entry of entries) expect(readFileSync(join(ROOT, 'src', entry), 'utf8')).toMatch(used)
  })
})

describe('the repository', () => {
  const skipped = ['node_modules', '.git', '.idea', '.vscode', 'dist', 'coverage', 'package-lock.json']
  const files = filesUnder(ROOT, skipped).filter((path) => !path.endsWith('.tgz'))

  // Spelt in pieces, for this file is read too.
  const strangers = [
    ['..', 'shared'].join('/'),
    ['', 'work', ''].join('/'),
    ['', 'farm', ''].join('/'),
    ['registry', 'npmjs', 'org'].join('.'),
    ['issues', 'show'].join(' '),
  ]

  test('names nothing outside of itself: no folder of one machine, no registry', () => {
    const found = files.flatMap((path) => {
      const text = readFileSync(path, 'latin1')
      return strangers.filter((name) => text.includes(name)).map((name) => `${relative(ROOT, path)}: ${name}`)
    })
    expect(found).toEqual([])
  })

  test('locks its packages by version and checksum, not to a host', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
    expect(lock).toContain('"integrity": "sha512-')
    expect(lock).not.toContain('"resolved": "http')
  })

  test('has no marks of work left to do in its sources', () => {
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`)
    const found = filesUnder(join(ROOT, 'src')).filter((path) => marks.test(readFileSync(path, 'utf8')))
    expect(found).toEqual([])
  })
})

describe('docs/architecture.md', () => {
  test('names rooms and files that are there', () => {
    const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    for (const { name } of rooms) expect(text).toContain(`\`${name}\``)
    const named = [
      ...text
        .replace(/`test\/[^`]*`/g, '')
        .matchAll(new RegExp(`\\b(${rooms.map(({ name }) => name).join('|')})/([a-z][a-z-]+(?:/[a-z][a-z-]+)*)`, 'g')),
    ]
    const isThere = (path: string): boolean =>
      existsSync(join(ROOT, 'src', `${path}.ts`)) || existsSync(join(ROOT, 'src', path))
    const missing = named.map(([path]) => path).filter((path) => !isThere(path))
    expect(named.length).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })
})
