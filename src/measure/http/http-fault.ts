/** Errors of HTTP beside those of the protocol, which are negative: the status, or one of these. */
export const HttpFault = {
  /** Answered, and the answer was that it cannot be done. */
  refused: 1_000,
} as const

/** @returns null for what is no error of HTTP */
export function httpErrorName(code: number): string | null {
  if (code === HttpFault.refused) return 'REFUSED'
  return code >= 100 && code < 600 ? `HTTP${code}` : null
}
