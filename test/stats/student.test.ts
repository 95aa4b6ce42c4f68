import { expect, test } from 'vitest'
import { normalBelow, studentBelow, studentPoint } from '../../src/stats/student.ts'

// From printed tables.
test.each([
  [0.025, 1, 12.706],
  [0.025, 2, 4.303],
  [0.025, 3, 3.182],
  [0.025, 9, 2.262],
  [0.025, 30, 2.042],
  [0.025, 1_000, 1.962],
  [0.005, 2, 9.925],
  [0.005, 20, 2.845],
  [0.1, 8, 1.397],
  [0.25, 10, 0.69981],
])('%d of Student’s t with %d degrees of freedom lies above the point of the tables', (above, freedom, point) => {
  expect(studentPoint(above, freedom)).toBeCloseTo(point, 3)
  expect(studentBelow(point, freedom)).toBeCloseTo(1 - above, 4)
  expect(studentBelow(-point, freedom)).toBeCloseTo(above, 4)
})

test('a point of the normal distribution is that of the tables', () => {
  expect(normalBelow(-1.959964)).toBeCloseTo(0.025, 6)
})

test('what does not exist is refused', () => {
  expect(() => studentPoint(0.025, 0)).toThrow(RangeError)
  expect(() => studentPoint(0.5, 3)).toThrow(RangeError)
  expect(() => studentPoint(0, 3)).toThrow(RangeError)
})
