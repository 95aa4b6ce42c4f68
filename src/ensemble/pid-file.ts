import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In dataDir: the process that serves from it, in decimal. Tells an ensemble who brought one of its servers back. */
export const PID_FILE = 'zktune.pid'

export function writePidFile(dataDir: string): void {
  writeFileSync(join(dataDir, PID_FILE), `${process.pid}\n`)
}

/** @returns null when there is none, or it holds no pid; says nothing on whether that process still lives */
export function readPidFile(dataDir: string): number | null {
  try {
    const pid = Number(readFileSync(join(dataDir, PID_FILE), 'utf8'))
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

/** Leaves the file of another process alone. */
export function removePidFile(dataDir: string): void {
  if (readPidFile(dataDir) === process.pid) rmSync(join(dataDir, PID_FILE), { force: true })
}
