import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parentPath, validateCreatePath, validatePath } from '../../src/protocol/path.ts'

/** The same rules once more, slow and obvious. */
function isPath(path: string): boolean {
  if (path === '/') return true
  if (!path.startsWith('/') || path.endsWith('/')) return false

  if (/[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/.test(path)) return false
  return path
    .slice(1)
    .split('/')
    .every((element) => element !== '' && element !== '.' && element !== '..')
}

const pieces = fc.constantFrom('/', '/', '.', 'a', 'zookeeper', '\u0000', '\u007f', 'ä', '\ud83d', '\ue000', '\uffff')

test('a path is valid exactly when the rules say so', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const path = parts.join('')
      expect(validatePath(path) === null).toBe(isPath(path))
    }),
    { numRuns: 2_000 },
  )
})

test('a bad path is told what is wrong with it', () => {
  expect(validatePath('')).toBe('is empty')
  expect(validatePath('a')).toBe('does not start with "/"')
  expect(validatePath('/a/')).toBe('ends with "/"')
  expect(validatePath('/a//b')).toBe('has an empty element at 3')
  expect(validatePath('/a/../b')).toBe('has a relative element at 3')
  expect(validatePath('/a/.')).toBe('has a relative element at 3')
  expect(validatePath('/a\u0007')).toBe('has the character U+0007 at 2')
})

test('three dots are a name', () => {
  expect(validatePath('/...')).toBeNull()
  expect(validatePath('/a/.hidden')).toBeNull()
})

test('only a sequential create may end with a slash', () => {
  expect(validateCreatePath('/a/', true)).toBeNull()
  expect(validateCreatePath('/a/', false)).toBe('ends with "/"')
  expect(validateCreatePath('/', true)).toBeNull()
  expect(validateCreatePath('/a//', true)).toBe('has an empty element at 3')
})

test('the parent of a child of the root is the root', () => {
  expect(parentPath('/a')).toBe('/')
  expect(parentPath('/a/b/c')).toBe('/a/b')
})
