import { RealClock } from '../io/real-clock.ts'
import { RealDisk } from '../io/real-disk.ts'
import { RealEntropy } from '../io/real-entropy.ts'
import { RealHost } from '../io/real-host.ts'
import { RealNetwork } from '../io/real-network.ts'
import type { ServerSettings } from '../server/settings.ts'
import { ZooServer } from '../server/zoo-server.ts'
import { removePidFile, writePidFile } from './pid-file.ts'
import type { RunnableServer, ServerHooks } from './run-server.ts'

/**
 * Starts one server of the built-in engine in this process, on the real disk and network.
 *
 * @param onNote one line for whoever reads the server's log
 * @throws ZktuneError ForeignData, DamagedFile, DiskFailed
 */
export function startServer(
  settings: ServerSettings,
  hooks: ServerHooks & { readonly onNote: (note: string) => void },
): RunnableServer {
  const world = {
    clock: new RealClock(),
    disk: new RealDisk(),
    network: new RealNetwork(),
    entropy: new RealEntropy(),
    host: new RealHost(),
  }
  const server = new ZooServer(settings, world, {
    onListening: (clientPort) => hooks.onNote(`listening for clients on ${settings.clientHost}:${clientPort}`),
    onServing: (isServing, mode) => {
      hooks.onNote(isServing ? `serving as ${mode}` : 'not serving')
      if (isServing) hooks.onServing(mode)
    },
    onFatal: (error) => hooks.onFatal(error),
    onNote: hooks.onNote,
    onApplied: null,
  })
  writePidFile(settings.dataDir)
  server.start()
  return {
    stop: () =>
      new Promise((resolve) => {
        server.stop(() => {
          removePidFile(settings.dataDir)
          resolve()
        })
      }),
  }
}
