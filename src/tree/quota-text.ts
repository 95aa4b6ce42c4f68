/**
 * What the znodes `zookeeper_limits` and `zookeeper_stats` of a quota hold. Source: StatsTrack (Apache ZooKeeper 3.9).
 *
 *   count=C,bytes=B[=;key=value]*      keys sorted; the lone "=" is there for clients that know the first two only
 *
 * A limit of -1, or one that is not there, is none.
 */
export interface QuotaFigures {
  /** Znodes, the one with the quota included. */
  readonly count: number
  /** Of data. */
  readonly bytes: number
  readonly countHardLimit: number
  readonly byteHardLimit: number
}

/** Reads leniently: what is no number counts as -1 here and ends an Apache server. */
export function readQuotaText(data: Uint8Array | null): QuotaFigures {
  const figures = new Map<string, number>()
  for (const pair of Buffer.from(data ?? NOTHING)
    .toString()
    .split(/[,;]+/)) {
    const [key = '', value = ''] = pair.split('=')
    figures.set(key, numberOf(value))
  }
  const figure = (key: string): number => figures.get(key) ?? -1
  return {
    count: figure('count'),
    bytes: figure('bytes'),
    countHardLimit: figure('countHardLimit'),
    byteHardLimit: figure('byteHardLimit'),
  }
}

/** The text of a `zookeeper_stats`. */
export function writeUsageText(usage: { readonly count: number; readonly bytes: number }): Buffer {
  return Buffer.from(`count=${usage.count},bytes=${usage.bytes}`)
}

const NOTHING = new Uint8Array(0)

function numberOf(text: string): number {
  const number = Number(text)
  return /^[+-]?[0-9]+$/.test(text) && Number.isSafeInteger(number) ? number : -1
}
