import { ProcessCosts } from '../../../../src/measure/process-costs.ts'
import type { FromServer, ToServer } from './running-server.ts'
import { Script } from './script.ts'
import { StallingServer } from './stalling-server.ts'

/** A process of its own, so that what the tests do does not delay what it answers. Ends with its parent. */
const server = new StallingServer()
const costs = new ProcessCosts()

process.on('SIGINT', () => undefined)
process.once('disconnect', () => process.exit(0))
process.on('message', (message: ToServer) => {
  if (message.kind === 'play') {
    server.play(new Script(message.delays))
    costs.start()
    tell({ kind: 'playing' })
  } else {
    tell({ kind: 'noise', lateMsMax: costs.stop().eventLoopDelayMs.max })
  }
})
server.listen((port) => tell({ kind: 'listening', port }))

function tell(message: FromServer): void {
  process.send?.(message)
}
