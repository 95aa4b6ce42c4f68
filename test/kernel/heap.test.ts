import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from '../../src/kernel/heap.ts'

test('whatever goes in comes out in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((left, right) => left < right)
      for (const number of numbers) heap.push(number)
      const popped: number[] = []
      for (let least = heap.pop(); least !== undefined; least = heap.pop()) popped.push(least)
      expect(popped).toEqual([...numbers].sort((left, right) => left - right))
    }),
  )
})

test('pushes and pops in any mixture agree with a sorted list', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20))), (steps) => {
      const heap = new Heap<number>((left, right) => left < right)
      const model: number[] = []
      for (const step of steps) {
        if (step === null) {
          expect(heap.pop()).toBe(model.shift())
        } else {
          heap.push(step)
          model.push(step)
          model.sort((left, right) => left - right)
        }
        expect(heap.peek()).toBe(model[0])
        expect(heap.size).toBe(model.length)
      }
    }),
  )
})
