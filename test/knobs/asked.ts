import type { ConnectTo, ListenOptions } from '../../src/kernel/ports.ts'
import type { KnobWorld } from './knob-world.ts'

/** What the hosts of a world ask their systems for, in order. */
export interface Asked {
  readonly listens: ListenOptions[]
  readonly connects: ConnectTo[]
}

/** Call it before anybody is started. */
export function askedOf(world: KnobWorld): Asked {
  const asked: Asked = { listens: [], connects: [] }
  const hostOf = world.network.host.bind(world.network)
  world.network.host = (process) => {
    const network = hostOf(process)
    return {
      connect: (to, onDone) => {
        asked.connects.push(to)
        return network.connect(to, onDone)
      },
      listen: (options, onConnection, onListening) => {
        asked.listens.push(options)
        network.listen(options, onConnection, onListening)
      },
    }
  }
  return asked
}
