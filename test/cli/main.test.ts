import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the entry loads nothing ahead of its first line but what writes it', () => {
  const loadedBy = (file: string): string[] => {
    const text = readFileSync(new URL(`../../src/cli/${file}`, import.meta.url), 'utf8')
    return [...text.matchAll(/^import (?!type).* from '(.*)'$/gm)].map(([, path]) => path ?? '')
  }
  expect(loadedBy('main.ts')).toEqual(['./progress.ts', './terminal.ts'])
  expect(loadedBy('progress.ts')).toEqual(['../report/sparkline.ts'])
  expect(loadedBy('../report/sparkline.ts')).toEqual([])
  expect(loadedBy('terminal.ts')).toEqual([])
})
