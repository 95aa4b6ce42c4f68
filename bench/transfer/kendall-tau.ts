/** Kendall's tau-b, which takes ties into account: Kendall (1945). Null for fewer than two values, or all of one side tied. */
export function kendallTau(one: readonly number[], other: readonly number[]): number | null {
  let [agreeing, contrary, tiedOne, tiedOther] = [0, 0, 0, 0]
  for (let first = 0; first < one.length; first++) {
    for (let second = 0; second < first; second++) {
      const a = Math.sign((one[first] as number) - (one[second] as number))
      const b = Math.sign((other[first] as number) - (other[second] as number))
      if (a === 0 && b === 0) continue
      else if (a === 0) tiedOne++
      else if (b === 0) tiedOther++
      else if (a === b) agreeing++
      else contrary++
    }
  }
  const known = agreeing + contrary
  const scale = Math.sqrt((known + tiedOne) * (known + tiedOther))
  return scale === 0 ? null : (agreeing - contrary) / scale
}
