import { RealClock } from '../io/real-clock.ts'
import { RealDisk } from '../io/real-disk.ts'
import { RealEntropy } from '../io/real-entropy.ts'
import { RealHost } from '../io/real-host.ts'
import { RealHttp } from '../io/real-http.ts'
import { RealNetwork } from '../io/real-network.ts'
import { HttpSide } from '../server/admin/http-side.ts'
import type { ServerSettings } from '../server/settings.ts'
import { ZooServer } from '../server/zoo-server.ts'
import { removePidFile, writePidFile } from './pid-file.ts'
import { StoreWatch } from './store-watch.ts'
import type { RunnableServer, ServerHooks } from './run-server.ts'

/** HTTP waits for the server to serve, so that clients are served the sooner, but not longer than this. */
const HTTP_START_MS = 1_000

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
    onListening: ({ plain, secure }) => {
      if (plain !== null) hooks.onNote(`listening for clients on ${settings.clientHost}:${plain}`)
      if (secure !== null) hooks.onNote(`listening for clients with TLS on ${settings.secureClient?.host}:${secure}`)
      // A server that finds no quorum is asked why, too.
      world.clock.setTimer(HTTP_START_MS, () => httpSide.start())
    },
    onServing: (isServing, mode) => {
      hooks.onNote(isServing ? `serving as ${mode}` : 'not serving')
      if (!isServing) return
      hooks.onServing(mode)
      httpSide.start()
    },
    onFatal: (error) => hooks.onFatal(error),
    onNote: hooks.onNote,
    onApplied: null,
  })
  const httpSide = new HttpSide({ facts: server.admin, http: new RealHttp(), onNote: hooks.onNote })
  writePidFile(settings.dataDir)
  server.start()
  const watch = watchStores(settings, server, hooks.onNote)
  return {
    stop: () =>
      new Promise((resolve) => {
        watch?.stop()
        httpSide.stop(() => {
          server.stop(() => {
            removePidFile(settings.dataDir)
            resolve()
          })
        })
      }),
  }
}

function watchStores(settings: ServerSettings, server: ZooServer, onNote: (note: string) => void): StoreWatch | null {
  if (settings.secureClient === null || !settings.tls.reloadsCertificates) return null
  return new StoreWatch(
    settings.tls,
    (tls) => {
      server.setTls(tls)
      onNote('new connections of clients get the keys and certificates as they are now')
    },
    (error) => onNote(`the changed keys and certificates are not used: ${error.message}`),
  )
}
