import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const DEADLINE_MS = 60_000
const POLL_MS = 50
/** Where runs are kept: on purpose, so that they are not what is left behind. */
const STATE = 'state-of-test'

/** A command line that runs, what it has printed so far, and how it ended. */
export class Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stdout = ''
  stderr = ''

  constructor(words: readonly string[], folder: string, environment: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [MAIN, ...words], {
      env: { ...process.env, TMPDIR: folder, XDG_STATE_HOME: join(folder, STATE), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const deadlineMs = Date.now() + DEADLINE_MS
    while (!condition()) {
      if (Date.now() > deadlineMs || this.child.exitCode !== null) {
        throw new Error(`no ${what}; stdout: ${this.stdout}; stderr: ${this.stderr}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** Pids of the processes whose TMPDIR is the test's own: everything that a run has started. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TMPDIR=${folder}`)
      } catch {
        return false
      }
    })
    .map(Number)
}

export function leftIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== STATE)
}
