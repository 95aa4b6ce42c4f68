import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { ServerRole } from './ensemble.ts'
import type { ServerPlace } from './run-folders.ts'
import { writeServerArguments, type ServerArguments } from './server-arguments.ts'
import { ServerChild } from './server-child.ts'
import { asServerMessage } from './server-message.ts'
import { endedEarly, exitText, nodeArguments, notStarted, type ServerProcess } from './server-process.ts'
import { ZktuneError } from '../kernel/errors.ts'

/**
 * One server of the built-in engine as a child process. Its channel to this process ends with either of them, which is how
 * it learns that its parent is gone; what it prints goes to a file.
 */
export class BuiltinProcess extends ServerChild implements ServerProcess {
  readonly serving: Promise<ServerRole>

  private constructor(place: ServerPlace, child: ChildProcess, pid: number) {
    super(place.id, child, pid)
    this.serving = new Promise((resolve, reject) => {
      let failure: ZktuneError | null = null
      child.on('message', (value) => {
        const message = asServerMessage(value)
        if (message?.kind === 'serving') resolve(message.role)
        if (message?.kind === 'failed') {
          failure = new ZktuneError(message.code, { ...message, where: `server ${place.id}, ${message.where}` })
        }
      })
      child.once('exit', (code, signal) => reject(failure ?? endedEarly(place, exitText({ code, signal }))))
    })
    // Whoever stops it while it starts does not wait for this one.
    this.serving.catch(() => undefined)
  }

  /**
   * @param entry the script that runs a server
   * @throws ZktuneError ServerFailed when the operating system starts no process
   */
  static start(
    place: ServerPlace,
    entry: URL,
    options: Pick<ServerArguments, 'orphanRemoves' | 'reaches'>,
  ): BuiltinProcess {
    const printed = openSync(place.printed, 'a')
    try {
      const child = spawn(
        process.execPath,
        [...nodeArguments(entry), ...writeServerArguments({ config: place.config, ...options })],
        { stdio: ['ignore', printed, printed, 'ipc'] },
      )
      child.on('error', () => undefined) // a failed spawn has no pid; a failed send or kill shows as its exit
      if (child.pid === undefined) throw notStarted(place, process.execPath)
      return new BuiltinProcess(place, child, child.pid)
    } finally {
      closeSync(printed)
    }
  }
}
