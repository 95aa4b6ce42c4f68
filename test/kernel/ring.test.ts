import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from '../../src/kernel/ring.ts'

test('a ring gives back what an array queue gives back, in any mix of pushes and shifts', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined }), { maxLength: 300 }), (steps) => {
      const ring = new Ring<number>(2)
      const model: number[] = []
      for (const step of steps) {
        if (step === undefined) {
          expect(ring.shift()).toBe(model.shift())
        } else {
          ring.push(step)
          model.push(step)
        }
        expect(ring.length).toBe(model.length)
        expect(ring.at(0)).toBe(model[0])
        expect(ring.at(model.length - 1)).toBe(model[model.length - 1])
        expect(ring.at(model.length)).toBeUndefined()
        expect(ring.at(-1)).toBeUndefined()
      }
    }),
  )
})

test('a cleared ring is empty and can be used again', () => {
  const ring = new Ring<string>()
  ring.push('a')
  ring.clear()
  expect(ring.shift()).toBeUndefined()
  ring.push('b')
  expect(ring.at(0)).toBe('b')
})
