/** A quota that a write exceeds, or would have. */
export interface QuotaExcess {
  /** The path that has the quota. */
  readonly path: string
  readonly what: 'count' | 'bytes'
  readonly isHard: boolean
  /** Only a hard limit that is enforced refuses. */
  readonly isRefused: boolean
  /** With the write. */
  readonly usage: number
  readonly limit: number
}
