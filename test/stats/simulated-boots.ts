import type { Prng } from '../../src/kernel/prng.ts'

/** How boots of one and the same configuration differ; shares, on a logarithmic scale. */
export interface BootNoise {
  /** Standard deviation from boot to boot. */
  readonly boot: number
  /** The machine becomes slower by this from the first block to the last. */
  readonly drift: number
  /** How often something else on the machine takes a part of a boot's speed, 10 to 40 %. */
  readonly disturbed: number
}

/** A draw of the standard normal distribution: Box and Muller (1958). */
export function normal(prng: Prng): number {
  return Math.sqrt(-2 * Math.log(1 - prng.float())) * Math.cos(2 * Math.PI * prng.float())
}

/** The log ratios of pairs that were measured block by block, in an order drawn anew for each. */
export function simulatedPairs(
  prng: Prng,
  { pairs, effect, noise }: { readonly pairs: number; readonly effect: number; readonly noise: BootNoise },
): readonly number[] {
  const boots = 2 * pairs
  let boot = 0
  const logSpeed = (): number => {
    const disturbance = prng.chance(noise.disturbed) ? Math.log(1 - 0.1 - 0.3 * prng.float()) : 0
    return noise.boot * normal(prng) + disturbance + Math.log(1 - noise.drift) * (boot++ / boots)
  }
  return Array.from({ length: pairs }, () => {
    const isOneFirst = prng.chance(0.5)
    const [first, second] = [logSpeed(), logSpeed()]
    return Math.log(1 + effect) + (isOneFirst ? second - first : first - second)
  })
}
