import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { askServer } from '../../../src/ensemble/four-letter-word.ts'
import { startZktune } from '../servers-under-test.ts'

const ZKTOP = '/usr/bin/zktop'
const PATIENCE_MS = 60_000
const LINE = /^zk_(\w[\w.-]*)\s+([\w.-]+)/

/** Runs zktop in a terminal of 120 columns until its screen shows all of this. @throws with what it shows when it does not */
async function untilShown(servers: string, expected: readonly RegExp[]): Promise<void> {
  if (!existsSync(ZKTOP)) throw new Error(`missing: ${ZKTOP}. See the Debian packages in .ci/run.`)
  const command = `stty rows 40 cols 120; exec ${ZKTOP} --servers=${servers}`
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let drawn = ''
  try {
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`after ${PATIENCE_MS} ms zktop shows: ${drawn}`)), PATIENCE_MS)
      terminal.stdout.setEncoding('latin1').on('data', (chunk: string) => {
        drawn += chunk.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z]|\x1b[=>]/g, ' ')
        if (!expected.every((one) => one.test(drawn))) return
        clearTimeout(deadline)
        resolve()
      })
    })
  } finally {
    terminal.kill()
  }
}

test('zktop shows every server with its mode, and the ensemble', async () => {
  await using servers = await startZktune()
  await untilShown(servers.hosts, [
    /Ensemble -- nodecount:\d+ zxid:0x[0-9a-f]+ sessions:\d/,
    ...servers.ports.map((port) => new RegExp(`127\\.0\\.0\\.1\\s+${port}\\s+[LF]\\b`)),
    /127\.0\.0\.1\s+\d+\s+L\b/,
  ])
})

test('a collector that reads mntr as Telegraf does finds numbers under the names that it knows', async () => {
  await using servers = await startZktune()
  const states: string[] = []
  for (const port of servers.ports) {
    const text = await askServer({ host: '127.0.0.1', port }, 'mntr', 5_000)
    const lines = text.trimEnd().split('\n')
    const values = new Map(lines.map((line) => [LINE.exec(line)?.[1], LINE.exec(line)?.[2]]))
    expect(values.has(undefined)).toBe(false)
    expect(values.get('version')).toMatch(/^3\.8\.0-/)
    states.push(values.get('server_state') ?? '')
    const numeric = ['avg_latency', 'packets_received', 'outstanding_requests', 'znode_count', 'watch_count']
    for (const name of [...numeric, 'open_file_descriptor_count', 'approximate_data_size', 'cnt_fsynctime']) {
      expect(Number(values.get(name))).toBeGreaterThanOrEqual(0)
    }
  }
  expect(states.sort()).toEqual(['follower', 'follower', 'leader'])
})
