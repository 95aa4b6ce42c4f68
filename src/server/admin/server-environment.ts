import type { AdminFacts } from './admin-facts.ts'
import { SERVER_VERSION } from './server-version.ts'

const MEBIBYTE = 1024 * 1024

/** `envi` and `/commands/environment`: the machine and the process, in Apache's order. */
export function environment({ host }: AdminFacts): readonly (readonly [name: string, value: string])[] {
  if (host === null) return [['zookeeper.version', SERVER_VERSION]]
  const { freeBytes, maxBytes, totalBytes } = host.memory()
  return [
    ['zookeeper.version', SERVER_VERSION],
    ...host.properties,
    ['os.memory.free', inMebibytes(freeBytes)],
    ['os.memory.max', inMebibytes(maxBytes)],
    ['os.memory.total', inMebibytes(totalBytes)],
  ]
}

function inMebibytes(sizeBytes: number): string {
  return `${Math.floor(sizeBytes / MEBIBYTE)}MB`
}
