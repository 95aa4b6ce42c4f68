import { BayesianSearch } from '../../../src/tune/search/bayesian-search.ts'
import type { Observation, SearchTuning } from '../../../src/tune/search/bayesian-search.ts'
import { FIXED_COST } from './tuner.ts'
import type { Tuner } from './tuner.ts'

/** The search that `recommend` runs, or a variant of it. */
export function bayesian(tuning: Partial<SearchTuning> = {}): Tuner {
  return (purse, prng) => {
    const { surface, budget } = purse
    const search = new BayesianSearch(surface, {
      seed: prng.below(2 ** 32),
      budget,
      fixedCost: FIXED_COST,
      given: [surface.start],
      tuning,
    })
    const history: Observation[] = []
    for (;;) {
      const next = search.propose(history)
      if (next === null) break
      const { point, fraction } = next
      history.push({ point, fraction, value: purse.trial(point, fraction), isAllowed: true })
    }
    const recommended = search.recommend(history)
    return history[recommended?.index ?? 0]?.point ?? surface.start
  }
}
