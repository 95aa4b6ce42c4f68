export interface Both {
  readonly builtin: number
  readonly apache: number
}

/** Of the pairs of configurations that differ by at least `factor` on the built-in engine: how many do so the same way on Apache. */
export function agreementOf(
  configurations: readonly Both[],
  factor: number,
): { readonly agreeing: number; readonly pairs: number } {
  let [agreeing, pairs] = [0, 0]
  for (const [index, one] of configurations.entries()) {
    for (const other of configurations.slice(0, index)) {
      const ratio = one.builtin / other.builtin
      if (Math.max(ratio, 1 / ratio) < factor) continue
      pairs++
      if (Math.sign(Math.log(ratio)) === Math.sign(Math.log(one.apache / other.apache))) agreeing++
    }
  }
  return { agreeing, pairs }
}
