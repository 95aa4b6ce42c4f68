/** What the cgroup of this process lets it use. Source: cgroups(7); version 2, then version 1. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const CGROUP = '/sys/fs/cgroup'
/** Version 1 writes its largest number where there is no limit; no machine has so much. */
const MEMORY_BYTES_MAX = 2 ** 60

/** In bytes; null: no limit. */
export function cgroupMemoryBytes(root: string = CGROUP): number | null {
  const bytes = wholeNumber(textIn(root, 'memory.max')) ?? wholeNumber(textIn(root, 'memory/memory.limit_in_bytes'))
  return bytes === null || bytes > MEMORY_BYTES_MAX ? null : bytes
}

/** Processor time, as cores, a fraction too; null: no limit. */
export function cgroupCores(root: string = CGROUP): number | null {
  const [quota, period] = (textIn(root, 'cpu.max') ?? '').trim().split(/\s+/)
  const current = quotient(quota, period)
  return current ?? quotient(textIn(root, 'cpu/cpu.cfs_quota_us'), textIn(root, 'cpu/cpu.cfs_period_us'))
}

/** `max`, or -1 in version 1, is no quota. */
function quotient(quota: string | null | undefined, period: string | null | undefined): number | null {
  const [used, each] = [wholeNumber(quota), wholeNumber(period)]
  return used === null || each === null || used === 0 || each === 0 ? null : used / each
}

function wholeNumber(text: string | null | undefined): number | null {
  const digits = text?.trim() ?? ''
  return /^\d+$/.test(digits) ? Number(digits) : null
}

function textIn(root: string, file: string): string | null {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch {
    return null // not Linux, another version, or not to be read
  }
}
