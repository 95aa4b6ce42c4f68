import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { lint } from '../../../src/zoocfg/lint/lint.ts'
import { Run } from '../../integration/command-line.ts'
import { freePorts } from '../free-ports.ts'
import { LiveApache } from '../live-apache.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zktune-long-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

test(
  'what is recommended starts on Apache as it is, and has nothing that lint refuses',
  { timeout: 600_000 },
  async () => {
    const apache = await LiveApache.find()
    const [port] = await freePorts(1)
    const config = join(folder, 'start.cfg')
    const lines = [
      `dataDir=${join(folder, 'data')}`,
      `clientPort=${port}`,
      'admin.enableServer=false',
      'maxBatchSize=1',
    ]
    writeFileSync(config, `tickTime=2000\n${lines.join('\n')}\n`)
    const output = join(folder, 'advice')
    const words = [
      'recommend',
      '--profile',
      'standalone',
      '--config',
      config,
      '--workload',
      'write-heavy',
      '--seed',
      '4',
    ]
    const run = new Run(
      [...words, '--duration', '500ms', '--warmup', '200ms', '--budget', '20 trials', '--output', output],
      folder,
    )
    expect(await run.ended, run.stderr).toBe(0)
    const file = join(output, 'zoo.cfg')
    const text = readFileSync(file, 'latin1')
    expect(text).toContain('# was not set; measured: at the measured rate')
    expect(lint([{ file, text }]).filter(({ severity }) => severity === 'error')).toEqual([])
    expect(await apache.start(file, folder, 'started')).toMatchObject({ kind: 'started' })
  },
)
