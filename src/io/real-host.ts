import { readdirSync, readFileSync } from 'node:fs'
import { arch, homedir, hostname, release, tmpdir, type, userInfo } from 'node:os'
import { memoryUsage } from 'node:process'
import { getHeapStatistics } from 'node:v8'
import type { Host } from '../kernel/ports.ts'

/** Java's names for what Node calls otherwise, since tools compare them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64', ia32: 'x86' }

/**
 * This process. Where Java has a virtual machine and a class path there is Node here, with its version, its program and
 * the script that it runs.
 */
export class RealHost implements Host {
  #properties: ReadonlyMap<string, string> | null = null

  get properties(): ReadonlyMap<string, string> {
    this.#properties ??= readProperties()
    return this.#properties
  }

  memory(): { readonly freeBytes: number; readonly totalBytes: number; readonly maxBytes: number } {
    const { heapTotal, heapUsed } = memoryUsage()
    return {
      freeBytes: heapTotal - heapUsed,
      totalBytes: heapTotal,
      maxBytes: getHeapStatistics().heap_size_limit,
    }
  }

  openFiles(): number | null {
    try {
      return readdirSync('/dev/fd').length
    } catch {
      return null
    }
  }

  openFilesMax(): number | null {
    try {
      const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
      return soft === undefined ? null : Number(soft)
    } catch {
      return null
    }
  }
}

function readProperties(): ReadonlyMap<string, string> {
  return new Map([
    ['host.name', hostname()],
    ['java.version', `none, Node.js ${process.version}`],
    ['java.vendor', 'none, Node.js'],
    ['java.home', process.execPath],
    ['java.class.path', process.argv[1] ?? ''],
    ['java.library.path', ''],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', '<NA>'],
    ['os.name', type()],
    ['os.arch', ARCHITECTURES[arch()] ?? arch()],
    ['os.version', release()],
    ['user.name', userName()],
    ['user.home', homedir()],
    ['user.dir', process.cwd()],
  ])
}

/** A user without an entry in the password file has a number only. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? '?')
  }
}
