/** A forest of regression trees as the model, expected improvement over it: like SMAC. Hutter, Hoos and Leyton-Brown (2011). */
import type { Prng } from '../../../src/kernel/prng.ts'
import { latinHypercube, mutated, randomPoint } from '../../../src/tune/search/coded-space.ts'
import type { CodedDimension, Point } from '../../../src/tune/search/coded-space.ts'
import { expectedImprovement } from '../../../src/tune/search/expected-improvement.ts'
import { anywhere } from './simple.ts'
import type { Tried, Tuner } from './tuner.ts'

const START = 15
const TREES = 24
const LEAF_MIN = 3
const CANDIDATES = 200

type Node =
  | { readonly kind: 'leaf'; readonly value: number }
  | {
      readonly kind: 'split'
      readonly index: number
      readonly isLeft: (value: number) => boolean
      readonly left: Node
      readonly right: Node
    }

export const forest: Tuner = (purse, prng) => {
  const { surface } = purse
  const points = [surface.start, ...latinHypercube(surface, START - 1, prng)]
  const tried: Tried[] = points.map((point) => ({ point, value: purse.trial(point) }))
  while (purse.canPay()) {
    const predict = grown(surface.dimensions, tried, prng)
    const ranked = tried
      .map(({ point }) => ({ point, mean: predict(point).mean }))
      .sort((one, other) => other.mean - one.mean)
    const incumbent = ranked[0]?.mean ?? 0
    let next = anywhere(purse, prng)
    let bestScore = -Infinity
    for (let draw = 0; draw < CANDIDATES; draw++) {
      const near = ranked[prng.below(Math.min(5, ranked.length))]?.point ?? surface.start
      const point =
        draw % 2 === 0 ? randomPoint(surface, prng) : mutated(surface, near, { chance: 0.25, step: 0.2 }, prng)
      if (point === null || !surface.isFeasible(point)) continue
      const score = expectedImprovement(predict(point), incumbent)
      if (score <= bestScore) continue
      bestScore = score
      next = point
    }
    tried.push({ point: next, value: purse.trial(next) })
  }
  const predict = grown(surface.dimensions, tried, prng)
  return tried.reduce((best, each) => (predict(each.point).mean > predict(best.point).mean ? each : best)).point
}

function grown(
  dimensions: readonly CodedDimension[],
  tried: readonly Tried[],
  prng: Prng,
): (point: Point) => { readonly mean: number; readonly deviation: number } {
  const trees = Array.from({ length: TREES }, () => {
    return treeOf(
      dimensions,
      Array.from({ length: tried.length }, () => prng.pick(tried)),
      prng,
    )
  })
  return (point) => {
    const values = trees.map((tree) => valueIn(tree, point))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    return { mean, deviation: Math.sqrt(variance + 1e-6) }
  }
}

function treeOf(dimensions: readonly CodedDimension[], tried: readonly Tried[], prng: Prng): Node {
  const mean = tried.reduce((sum, { value }) => sum + value, 0) / tried.length
  const leaf: Node = { kind: 'leaf', value: mean }
  if (tried.length < 2 * LEAF_MIN) return leaf
  let best: { readonly index: number; readonly isLeft: (value: number) => boolean; readonly loss: number } | null = null
  const looked = prng.shuffle([...dimensions.keys()]).slice(0, Math.ceil((dimensions.length * 5) / 6))
  for (const index of looked) {
    for (let attempt = 0; attempt < 5; attempt++) {
      const edge = prng.pick(tried).point[index] as number
      const isLeft =
        dimensions[index]?.kind === 'category' ? (value: number) => value === edge : (value: number) => value <= edge
      const sides = [true, false].map((side) => tried.filter(({ point }) => isLeft(point[index] as number) === side))
      if (sides.some((side) => side.length < LEAF_MIN)) continue
      const loss = sides.reduce((sum, side) => sum + squares(side), 0)
      if (best === null || loss < best.loss) best = { index, isLeft, loss }
    }
  }
  if (best === null) return leaf
  const { index, isLeft } = best
  const side = (isLeftSide: boolean): Node =>
    treeOf(
      dimensions,
      tried.filter(({ point }) => isLeft(point[index] as number) === isLeftSide),
      prng,
    )
  return { kind: 'split', index, isLeft, left: side(true), right: side(false) }
}

function squares(tried: readonly Tried[]): number {
  const mean = tried.reduce((sum, { value }) => sum + value, 0) / tried.length
  return tried.reduce((sum, { value }) => sum + (value - mean) ** 2, 0)
}

function valueIn(node: Node, point: Point): number {
  return node.kind === 'leaf'
    ? node.value
    : valueIn(node.isLeft(point[node.index] as number) ? node.left : node.right, point)
}
