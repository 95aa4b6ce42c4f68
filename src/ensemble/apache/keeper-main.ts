/** The keeper of `jvm-keeper.ts`: waits until its parent is gone, then ends what the parent has left running. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { removeOrphanedNow } from '../run-folders.ts'
import type { ToKeeper } from './jvm-keeper.ts'

const watched: ToKeeper[] = []
const GONE_DEADLINE_MS = 5_000
const POLL_MS = 20

process.on('message', (jvm: ToKeeper) => watched.push(jvm))
// These are meant for the parent, which then ends its servers itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.once('disconnect', () => void endAll())
process.send?.('watching')
if (!process.connected) void endAll()

async function endAll(): Promise<void> {
  for (const jvm of watched) if (isThere(jvm)) kill(jvm.pid)
  const untilMs = performance.now() + GONE_DEADLINE_MS
  while (watched.some(isThere) && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  for (const { removes } of watched) removeOrphanedNow(removes)
  process.exit(0)
}

function isThere({ pid, mark }: ToKeeper): boolean {
  return commandOf(pid).includes(mark)
}

/** The whole command line of a process; empty when there is none. */
function commandOf(pid: number): string {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
    } catch {
      return ''
    }
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'latin1' }).stdout
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone meanwhile
  }
}
