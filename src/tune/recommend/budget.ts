import { ZktuneError } from '../../kernel/errors.ts'
import { parseCount, parseDurationMs } from '../../kernel/quantity.ts'
import type { Budget } from './tuning.ts'

/** With fewer nothing could be searched and confirmed. */
const TRIALS = { min: 20, max: 10_000 } as const
const TIME_MS = { min: 60_000, max: 7 * 86_400_000 } as const

/** `60 trials`, `60trials`, `20m`. @throws ZktuneError BadConfigValue */
export function parseBudget(text: string): Budget {
  const where = '--budget'
  const trials = /^\s*(\S+?)\s*trials?\s*$/.exec(text)?.[1]
  if (trials !== undefined) return { kind: 'trials', count: parseCount(trials, { where, ...TRIALS }) }
  if (/^\s*\d+\s*$/.test(text)) {
    const mend = `Write '${text.trim()} trials', or a time such as 20m.`
    throw new ZktuneError('BadConfigValue', { where, what: `"${text}" has no unit`, mend })
  }
  return { kind: 'time', ms: parseDurationMs(text.trim(), { where, ...TIME_MS }) }
}

export function budgetText(budget: Budget): string {
  return budget.kind === 'trials'
    ? `${budget.count} trials`
    : `${(budget.ms / 60_000).toFixed(1).replace(/\.0$/, '')} minutes`
}
