import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RealClock } from '../../src/io/real-clock.ts'
import { RealDisk } from '../../src/io/real-disk.ts'
import { RealEntropy } from '../../src/io/real-entropy.ts'
import { RealNetwork } from '../../src/io/real-network.ts'
import { ZooServer } from '../../src/server/zoo-server.ts'
import { serverSettings } from '../server/fake-world.ts'

/** Long beside a connection on one machine, short beside the second after which TCP knocks again. */
const KNOCKING_MS = 400

/** Connects so often at once, and prints how many connections the operating system made. */
const KNOCKER = `
  const net = require('node:net')
  const [port, count] = process.argv.slice(1).map(Number)
  let made = 0
  for (let index = 0; index < count; index++) {
    net.connect(port, '127.0.0.1', () => made++).on('error', () => undefined)
  }
  setTimeout(() => { process.stdout.write(String(made)); process.exit(0) }, ${KNOCKING_MS})
`

/**
 * How many of so many connections the operating system takes for a real server that accepts none, its event loop being
 * held up.
 */
export async function acceptedWhileBusy(lines: Readonly<Record<string, string>>, count: number): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zktune-knobs-'))
  try {
    const world = {
      clock: new RealClock(),
      disk: new RealDisk(),
      network: new RealNetwork(),
      entropy: new RealEntropy(),
    }
    const settings = { ...serverSettings(lines), dataDir, dataLogDir: dataDir }
    let server: ZooServer | null = null
    const port = await new Promise<number>((resolve, reject) => {
      server = new ZooServer(settings, world, {
        onListening: ({ plain }) => resolve(plain ?? 0),
        onServing: () => undefined,
        onFatal: reject,
        onNote: () => undefined,
        onApplied: null,
      })
      server.start()
    })
    const knocker = spawnSync(process.execPath, ['-e', KNOCKER, String(port), String(count)], { encoding: 'utf8' })
    await new Promise<void>((resolve) => (server === null ? resolve() : server.stop(resolve)))
    return Number(knocker.stdout)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
