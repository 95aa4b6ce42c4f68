import { readFileSync } from 'node:fs'

import type { Environment } from './terminal.ts'

const POLL_MS = 500
const ANCESTORS_MAX = 6

interface Ancestor {
  readonly pid: number
  readonly parentPid: number
  readonly commandLine: string
}

/**
 * Calls back once when the npx (or `npm run`) that started this process has ended.
 *
 * npm starts a shell, and the shell starts us. A SIGTERM to npm kills the shell and stops there; a SIGKILL or SIGHUP
 * does not even reach the shell. No signal, no closed pipe tells us, so the ids of the processes between npm and us
 * are compared, twice a second, with what they were at the start. Only below npm: a process that a script left in the
 * background on purpose (`zktune up &`) outlives its script, as any other program does.
 */
export function watchNpmParent(environment: Environment, onEnded: () => void): void {
  if (environment['npm_execpath'] === undefined) return
  const watched = readLineage()
  if (watched === null) return
  const timer = setInterval(() => {
    if (watched()) return
    clearInterval(timer)
    onEnded()
  }, POLL_MS)
  timer.unref()
}

/** @returns a check whether the ancestors up to npm are still the same; null when npm is not among them */
function readLineage(): (() => boolean) | null {
  const parentPid = process.ppid
  if (process.platform !== 'linux') return () => process.ppid === parentPid
  const lineage = lineageToNpm(process.pid, readAncestor)
  if (lineage === null) return null
  return () => lineage.every((each) => readAncestor(each.pid)?.parentPid === each.parentPid)
}

/** From `pid` up to the child of npm; null when npm is not among the nearest ancestors. */
export function lineageToNpm(pid: number, read: (pid: number) => Ancestor | null): Ancestor[] | null {
  const lineage: Ancestor[] = []
  let current = read(pid)
  while (current !== null && lineage.length < ANCESTORS_MAX) {
    // npm renames itself to `npm exec zktune …`; before that it is node with npm-cli.js or npx-cli.js.
    if (lineage.length > 0 && /^(npm|npx) |\/np[mx]-cli\.js/.test(current.commandLine)) return lineage
    lineage.push(current)
    current = read(current.parentPid)
  }
  return null
}

/** proc(5): `pid (comm) state ppid …`; comm may hold spaces and brackets. */
function readAncestor(pid: number): Ancestor | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const parentPid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
    return { pid, parentPid, commandLine }
  } catch {
    return null // it has ended
  }
}
