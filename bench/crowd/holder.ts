/**
 * Holds many idle sessions open from a process of its own, so that whoever measures beside them shares no event loop with
 * them. Started by main.ts; ends with the channel to it.
 */
import { connect, type ZooKeeperClient } from '../../src/index.ts'

/** Sessions that are being opened at a time. */
const OPENING_MAX = 64
const SESSION_TIMEOUT_MS = 40_000

const [hosts = '', countText = '0'] = process.argv.slice(2)
const count = Number(countText)
const clients: ZooKeeperClient[] = []
let lost = 0

process.on('disconnect', () => process.exit(0))
process.on('message', () => process.send?.({ kind: 'lost', lost }))

let next = 0
await Promise.all(
  Array.from({ length: OPENING_MAX }, async () => {
    while (next++ < count) {
      const client = await connect(hosts, {
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        connectTimeoutMs: 60_000,
        onState: (state) => {
          if (state !== 'connecting' && state !== 'connected') lost++
        },
      })
      clients.push(client)
    }
  }),
)
process.send?.({ kind: 'open' })
