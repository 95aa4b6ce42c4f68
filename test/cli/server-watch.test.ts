import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { ServerWatch, type WatchedEnsemble } from '../../src/cli/server-watch.ts'
import type { ServerRole } from '../../src/ensemble/ensemble.ts'
import type { LocalRunningServer } from '../../src/ensemble/local-ensemble.ts'

const NO_SUCH_PID = 2 ** 30

function serverOf(id: number, role: ServerRole, pid: number): LocalRunningServer {
  const folder = `/tmp/zktune-1/server-${id}`
  return {
    id,
    pid,
    role,
    host: '127.0.0.1',
    clientPort: 2180 + id,
    adminPort: null,
    gatewayPort: null,
    dataDir: `${folder}/data`,
    config: `${folder}/zoo.cfg`,
    restartCommand: `zktune server ${folder}/zoo.cfg`,
  }
}

/** An ensemble that answers what the test puts in. */
function ensembleOf(servers: LocalRunningServer[]): WatchedEnsemble {
  return { servers: () => Promise.resolve([...servers]) }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a server that is killed, brought back by hand and killed again is told of each time', async () => {
  const said: string[] = []
  const servers = [serverOf(1, 'leader', 11), serverOf(2, 'follower', 12), serverOf(3, 'follower', 13)]
  const watch = new ServerWatch((text) => said.push(text))
  watch.start(ensembleOf(servers), [...servers])

  servers[0] = serverOf(1, 'down', 11)
  watch.onExit(1, 'SIGKILL')
  expect(said.splice(0)).toEqual([
    'Server 1 was ended from outside (SIGKILL); 2 of 3 go on. To bring it back: zktune server /tmp/zktune-1/server-1/zoo.cfg',
  ])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(said).toEqual([])

  // As soon as it is seen to serve, its process (there is none of that number) is found to be gone.
  servers[0] = serverOf(1, 'follower', NO_SUCH_PID)
  await vi.advanceTimersByTimeAsync(500)
  expect(said.splice(0)).toEqual([`Server 1 serves again (pid ${NO_SUCH_PID}, follower).`])
  servers[0] = serverOf(1, 'down', NO_SUCH_PID)
  await vi.advanceTimersByTimeAsync(500)
  expect(said).toEqual([expect.stringContaining('Server 1 has ended again; 2 of 3 go on.')])
  watch.stop()
})

test('nothing is polled while every server is as it was started, nor after the watch has stopped', async () => {
  const ensemble = ensembleOf([serverOf(1, 'standalone', 11)])
  const asked = vi.spyOn(ensemble, 'servers')
  const watch = new ServerWatch(() => undefined)
  watch.start(ensemble, await ensemble.servers())
  asked.mockClear()
  await vi.advanceTimersByTimeAsync(5_000)
  watch.onExit(1, 'SIGKILL')
  watch.stop()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked).not.toHaveBeenCalled()
})
