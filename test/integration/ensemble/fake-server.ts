/**
 * Stands in for a server process: answers `srvr`, and misbehaves as the setting `zktune.fake` of its zoo.cfg says. Run as
 * the real one is, through `runServer`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { removePidFile, writePidFile } from '../../../src/ensemble/pid-file.ts'
import { runServer, type RunnableServer, type ServerHooks } from '../../../src/ensemble/run-server.ts'
import { readServerArguments } from '../../../src/ensemble/server-arguments.ts'
import { ZktuneError } from '../../../src/kernel/errors.ts'
import { NOT_SERVING } from '../../../src/server/admin/four-letter-words.ts'

const { config, orphanRemoves } = readServerArguments(process.argv.slice(2))
const settings = new Map(
  readFileSync(config, 'utf8')
    .split('\n')
    .map((line) => line.split('=', 2) as [string, string]),
)
const setting = (key: string): string => settings.get(key) ?? ''
const dataDir = setting('dataDir')
const id = Number(readFileSync(join(dataDir, 'myid'), 'utf8'))
const [behaviour, which] = (settings.get('zktune.fake') ?? 'good').split(':')
const isMarked = which === undefined || Number(which) === id

async function start(hooks: ServerHooks): Promise<RunnableServer> {
  console.log(`server ${id} starts`)
  if (isMarked && behaviour === 'ends') process.exit(7)
  if (isMarked && behaviour === 'refuses') {
    throw new ZktuneError('ForeignData', { where: dataDir, what: 'it is not ours', mend: 'Name another.' })
  }
  const once = join(dirname(dirname(config)), 'port-was-lost')
  if (isMarked && behaviour === 'loses-port' && !existsSync(once)) {
    writeFileSync(once, '')
    throw new ZktuneError('PortInUse', { where: '127.0.0.1', what: 'taken', mend: 'Choose another.' })
  }
  const server = await listen(Number(setting('clientPort')))
  writePidFile(dataDir)
  if (!(isMarked && behaviour === 'never-serves')) hooks.onServing(id === 1 ? 'leader' : 'follower')
  return {
    stop: () =>
      isMarked && behaviour === 'hangs'
        ? new Promise(() => undefined)
        : new Promise((resolve) => {
            removePidFile(dataDir)
            server.close(() => resolve())
          }),
  }
}

function listen(port: number): Promise<Server> {
  let asked = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answerOf(asked++)))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

/** @param asked how often it was asked before: who wavers does so in the first answers alone */
function answerOf(asked: number): string {
  const isYoung = isMarked && asked < 3
  if (isYoung && behaviour === 'wavers') return `${NOT_SERVING}\n`
  const isLeader = id === 1 || (isYoung && behaviour === 'also-leads')
  return `Zookeeper version: fake\nMode: ${isLeader ? 'leader' : 'follower'}\nNode count: 5\n`
}

try {
  await runServer({ start, orphanRemoves })
  process.exit(0)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
