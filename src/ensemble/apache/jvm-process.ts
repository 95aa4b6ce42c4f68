import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { TlsClientOptions } from '../../kernel/ports.ts'
import { ZktuneError } from '../../kernel/errors.ts'
import type { ServerRole } from '../ensemble.ts'
import { askServer, roleInAnswer, LOCAL_ASK_TIMEOUT_MS } from '../four-letter-word.ts'
import type { ServerPlace } from '../run-folders.ts'
import { ServerChild } from '../server-child.ts'
import { endedEarly, exitText, notStarted, tailOf, type Exit, type ServerProcess } from '../server-process.ts'

const POLL_MS = 25

export interface JvmToStart {
  readonly place: ServerPlace
  readonly java: string
  readonly words: readonly string[]
  readonly clientPort: number
  readonly tls: TlsClientOptions | null
}

/**
 * One ZooKeeper server as a JVM, in a process group of its own: Ctrl-C, which reaches every process of a terminal's group
 * at once, is this process's to answer. On Linux the kernel ends it with the thread that started it; elsewhere, and for
 * whatever that misses, there is the keeper.
 */
export class JvmProcess extends ServerChild implements ServerProcess {
  readonly serving: Promise<ServerRole>

  private constructor(jvm: JvmToStart, child: ChildProcess, pid: number, onAnswer: (answer: string) => void) {
    super(jvm.place.id, child, pid)
    this.serving = this.#untilServing(jvm, onAnswer)
    this.serving.catch(() => undefined) // whoever stops it while it starts does not wait for this one
  }

  /**
   * @param onAnswer gets the answer to `srvr` of a server that serves
   * @throws ZktuneError ServerFailed when the operating system starts no process
   */
  static start(jvm: JvmToStart, onAnswer: (answer: string) => void): JvmProcess {
    const printed = openSync(jvm.place.printed, 'a')
    const setpriv = process.platform === 'linux' ? programInPath('setpriv') : null
    const [program, ...words] =
      setpriv === null ? [jvm.java, ...jvm.words] : [setpriv, '--pdeathsig', 'KILL', jvm.java, ...jvm.words]
    try {
      const child = spawn(program ?? jvm.java, words, {
        stdio: ['ignore', printed, printed],
        cwd: dirname(jvm.place.config),
        detached: true,
      })
      child.on('error', () => undefined) // a failed spawn has no pid; a failed kill shows as its exit
      if (child.pid === undefined) throw notStarted(jvm.place, jvm.java)
      return new JvmProcess(jvm, child, child.pid, onAnswer)
    } finally {
      closeSync(printed)
    }
  }

  /** A JVM that runs, and even one that listens, may be far from serving: only its answer tells. */
  async #untilServing({ place, clientPort, tls }: JvmToStart, onAnswer: (answer: string) => void): Promise<ServerRole> {
    const address = { host: '127.0.0.1', port: clientPort }
    for (;;) {
      if (this.exit !== null) throw whyEnded(place, this.exit)
      const answer = await askServer(address, 'srvr', LOCAL_ASK_TIMEOUT_MS, tls).catch(() => '')
      const role = roleInAnswer(answer)
      // Another program on this port could answer for a server that has just failed to get it.
      if (role !== 'down' && this.isAlive) {
        onAnswer(answer)
        return role
      }
      await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, POLL_MS))])
    }
  }
}

/** A port that somebody else was faster to take is worth another attempt with others. */
function whyEnded(place: ServerPlace, exit: Exit): ZktuneError {
  const error = endedEarly(place, exitText(exit))
  if (!/BindException|Address already in use/.test(tailOf(place.printed))) return error
  const { where, what, mend } = error
  return new ZktuneError('PortInUse', { where, what, mend })
}

function programInPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const path of folders.map((folder) => join(folder, name))) {
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // not here
    }
  }
  return null
}
