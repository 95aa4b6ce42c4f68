/**
 * Stands in for `java`: tells a version, or answers `srvr` on the client port of the zoo.cfg that it is given, or misbehaves
 * as FAKE_JAVA says. Leaves its arguments beside the zoo.cfg.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

const words = process.argv.slice(2)
if (words.includes('-version')) {
  console.error('openjdk version "21.0.1" 2023-10-17')
  process.exit(0)
}
const config = words.at(-1) ?? ''
writeFileSync(join(dirname(config), 'words.json'), JSON.stringify(words))
const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(readFileSync(config, 'utf8'))?.[1] ?? ''
const id = Number(readFileSync(join(valueOf('dataDir'), 'myid'), 'utf8'))
const behaviour = process.env['FAKE_JAVA']

const lost = join(dirname(dirname(config)), 'port-was-lost')
if (behaviour === 'loses-port' && id === 2 && !existsSync(lost)) {
  writeFileSync(lost, '')
  console.log('java.net.BindException: Address already in use')
  process.exit(1)
}
if (behaviour === 'ends' && id === 2) {
  console.log('ERROR QuorumPeerMain - Unexpected exception, exiting abnormally')
  process.exit(14)
}
const answer = `Zookeeper version: 9.9.9-x, built on\nMode: ${id === 1 ? 'leader' : 'follower'}\n`
const server = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => socket.end(answer))
})
server.listen(Number(valueOf('clientPort')), '127.0.0.1')
