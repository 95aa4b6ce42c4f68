/** Searches without a model. */
import { latinHypercube, mutated, randomPoint } from '../../../src/tune/search/coded-space.ts'
import { bestOf, costOf } from './tuner.ts'
import type { Purse, Tried, Tuner } from './tuner.ts'

/** The last sixth of the budget measures the best few again: their means decide. */
const RACE_SHARE = 1 / 6
const RACE_WIDTH = 3

function raced(purse: Purse, tried: readonly Tried[]): Tried {
  const finalists = [...tried]
    .sort((one, other) => other.value - one.value)
    .slice(0, RACE_WIDTH)
    .map((each) => ({ ...each, values: [each.value] }))
  for (let at = 0; purse.canPay(); at = (at + 1) % finalists.length) {
    const finalist = finalists[at]
    if (finalist !== undefined) finalist.values.push(purse.trial(finalist.point))
  }
  return bestOf(
    finalists.map(({ point, values }) => ({
      point,
      value: values.reduce((sum, value) => sum + value, 0) / values.length,
    })),
  )
}

/** A Latin hypercube; the best that was seen. The control. */
export const random: Tuner = (purse, prng) => {
  const { surface, budget } = purse
  const tried = [{ point: surface.start, value: purse.trial(surface.start) }]
  for (const point of latinHypercube(surface, Math.floor(budget) - 1, prng)) {
    if (purse.canPay()) tried.push({ point, value: purse.trial(point) })
  }
  return bestOf(tried).point
}

export const randomRace: Tuner = (purse, prng) => {
  const { surface, budget } = purse
  const tried = [{ point: surface.start, value: purse.trial(surface.start) }]
  for (const point of latinHypercube(surface, Math.floor(budget * (1 - RACE_SHARE)) - 1, prng)) {
    tried.push({ point, value: purse.trial(point) })
  }
  return raced(purse, tried).point
}

/** One knob after the other, three values each, the best of which stays: what people do. */
export const oneAtATime: Tuner = (purse, prng) => {
  const { surface } = purse
  let best: Tried = { point: surface.start, value: purse.trial(surface.start) }
  const order = prng.shuffle([...surface.dimensions.keys()])
  for (let turn = 0; purse.canPay(); turn++) {
    const index = order[turn % order.length] as number
    const dimension = surface.dimensions[index]
    const base = best.point
    const values =
      dimension?.kind === 'category'
        ? Array.from({ length: dimension.count }, (_, word) => word)
        : [0.1, 0.4, 0.65, 0.9].map((value) => value + 0.1 * (prng.float() - 0.5))
    for (const value of values) {
      const point = Float64Array.from(base)
      point[index] = value
      const next = surface.snap(point)
      if (!surface.isFeasible(next) || next[index] === base[index] || !purse.canPay()) continue
      const seen = purse.trial(next)
      if (seen > best.value) best = { point: next, value: seen }
    }
  }
  return best.point
}

/** (1+1): from the best so far a step into the blue, wider after success and narrower after failure. */
export const local: Tuner = (purse, prng) => {
  const { surface, budget } = purse
  const tried: Tried[] = [{ point: surface.start, value: purse.trial(surface.start) }]
  let best = bestOf(tried)
  let step = 0.3
  while (purse.left > budget * RACE_SHARE + 1) {
    const point = mutated(surface, best.point, { chance: 0.3, step }, prng)
    if (!surface.isFeasible(point)) continue
    const seen = { point, value: purse.trial(point) }
    tried.push(seen)
    step = Math.min(0.5, Math.max(0.05, step * (seen.value > best.value ? 1.4 : 0.92)))
    if (seen.value > best.value) best = seen
  }
  return raced(purse, tried).point
}

const RUNGS = [0.125, 0.25, 0.5, 1] as const

/** Many short trials, half of which may go on to trials of twice the length, and so on. Jamieson and Talwalkar (2016). */
export const successiveHalving: Tuner = (purse, prng) => {
  const { surface, budget } = purse
  // n on the first rung, n/2 on the second …: what one of the first rung costs in all.
  const costEach = RUNGS.reduce((sum, fraction, rung) => sum + costOf(fraction) / 2 ** rung, 0)
  const first = Math.floor(budget / costEach)
  let points = [surface.start, ...latinHypercube(surface, first - 1, prng)]
  let ranked: Tried[] = []
  for (const fraction of RUNGS) {
    ranked = points
      .filter(() => purse.canPay(fraction))
      .map((point) => ({ point, value: purse.trial(point, fraction) }))
      .sort((one, other) => other.value - one.value)
    points = ranked.slice(0, Math.max(1, Math.ceil(ranked.length / 2))).map(({ point }) => point)
  }
  return ranked[0]?.point ?? surface.start
}

/** Half of the budget for halving, half for local search from there. */
export const halvingThenLocal: Tuner = (purse, prng) => {
  const { surface, budget } = purse
  const costEach = RUNGS.reduce((sum, fraction, rung) => sum + costOf(fraction) / 2 ** rung, 0)
  let points = [surface.start, ...latinHypercube(surface, Math.floor((0.5 * budget) / costEach) - 1, prng)]
  let ranked: Tried[] = []
  for (const fraction of RUNGS) {
    ranked = points
      .map((point) => ({ point, value: purse.trial(point, fraction) }))
      .sort((one, other) => other.value - one.value)
    points = ranked.slice(0, Math.max(1, Math.ceil(ranked.length / 2))).map(({ point }) => point)
  }
  const tried = [...ranked]
  let best = bestOf(tried)
  while (purse.left > budget * RACE_SHARE * 0.5 + 1) {
    const point = mutated(surface, best.point, { chance: 0.25, step: 0.2 }, prng)
    if (!surface.isFeasible(point)) continue
    const seen = { point, value: purse.trial(point) }
    tried.push(seen)
    if (seen.value > best.value) best = seen
  }
  return raced(purse, tried).point
}

/** Never used up: chance alone would not find a feasible point. */
export function anywhere(purse: Purse, prng: Parameters<Tuner>[1]): Tried['point'] {
  return randomPoint(purse.surface, prng) ?? purse.surface.start
}
