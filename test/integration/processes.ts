import { readdirSync, readFileSync } from 'node:fs'

/** Waits for something that processes do in their own time. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`still not so after 20 s: ${isTrue.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Processes that this one started and whose command line names `script`. Linux only. */
export function childrenRunning(script: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid && textOf(`/proc/${pid}/cmdline`).includes(script))
}

function parentOf(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
