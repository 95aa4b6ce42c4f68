import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startsEnsemble } from '../../src/cli/first-sign.ts'

test('the entry loads nothing ahead of its first line but what writes it', () => {
  const loadedBy = (file: string): string[] => {
    const text = readFileSync(new URL(`../../src/cli/${file}`, import.meta.url), 'utf8')
    return [...text.matchAll(/^import (?!type).* from '(.*)'$/gm)].map(([, path]) => path ?? '')
  }
  expect(loadedBy('main.ts')).toEqual(['./first-sign.ts', './progress.ts', './terminal.ts'])
  expect(loadedBy('first-sign.ts')).toEqual([])
  expect(loadedBy('progress.ts')).toEqual(['../report/sparkline.ts'])
  expect(loadedBy('../report/sparkline.ts')).toEqual([])
  expect(loadedBy('terminal.ts')).toEqual([])
})

test('what boots ensembles says something at once, what only tells does not', () => {
  for (const line of ['bench', '--verbose compare a b', 'recommend', 'rerun RUN', 'up --port 1']) {
    expect(startsEnsemble(line.split(' ')), line).toBe(true)
  }
  for (const line of ['report bench', 'bench --print-config', 'up --help', 'help bench', '--version', 'lint up.cfg']) {
    expect(startsEnsemble(line.split(' ')), line).toBe(false)
  }
})
