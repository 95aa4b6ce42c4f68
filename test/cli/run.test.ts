import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { COMMANDS, EXAMPLES } from '../../src/cli/examples.ts'
import { EXIT } from '../../src/cli/failure.ts'
import { faultsOf } from '../schema/published-schema.ts'
import { zktune } from './zktune.ts'

describe('help', () => {
  test('a bare zktune shows a short help and is no failure', async () => {
    const { code, stdout, stderr } = await zktune()
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatchSnapshot()
  })

  test.each([
    [['--help']],
    [['bench', '--help']],
    [['disk', '--help']],
    [['completion', '--help']],
    [['rerun', '--help']],
    [['clean', '--help']],
    [['compare', '--help']],
    [['report', '--help']],
    [['history', '--help']],
    [['up', '--help']],
    [['knobs', '--help']],
    [['recommend', '--help']],
    [['profiles', '-h']],
    [['lint', '--help']],
    [['explain', '--help']],
    [['diff', '--help']],
    [['server', '--help']],
  ])('%j opens with examples', async (words) => {
    const { code, stdout } = await zktune(...words)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Examples:\n {2}\$ zktune/)
    expect(stdout).toMatchSnapshot()
  })

  test('help of a command is the same as its --help, and lines fit 80 columns', async () => {
    const { stdout } = await zktune('help', 'bench')
    expect(stdout).toBe((await zktune('bench', '--help')).stdout)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('says the exit codes', async () => {
    expect((await zktune('--help')).stdout).toMatch(/130 {2}interrupted/)
  })

  test.each(COMMANDS)('%s ends with the exit codes that it can give, and no others', async (name) => {
    const { stdout } = await zktune(name, '--help')
    const [, codes = ''] = stdout.split('Exit codes:\n')
    const told = codes
      .trimEnd()
      .split('\n')
      .map((line) => Number(/^ {2}(\d+) +\S/.exec(line)?.[1]))
    expect(told.length).toBeGreaterThan(1)
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
    for (const code of told) expect(Object.values(EXIT)).toContain(code)
    // What only one of them can end with.
    expect(told.includes(EXIT.breached)).toBe(name === 'bench')
    expect(told.includes(EXIT.worse)).toBe(name === 'compare')
  })

  test('--version is the version, with --verbose also of what it runs on', async () => {
    expect((await zktune('--version')).stdout).toBe('9.9.9\n')
    expect((await zktune('--version', '--verbose')).stdout).toContain(`node ${process.version}`)
  })
})

describe('the examples of the help', () => {
  const lines = Object.values(EXAMPLES).flatMap((examples) => examples.map(({ line }) => line))

  test.each(lines.filter((line) => / (bench|up)\b/.test(line) && !line.includes('--config')))(
    '%s makes a plan',
    async (line) => {
      const { code, stdout, stderr } = await zktune(...line.replaceAll("'", '').split(' ').slice(1), '--print-config')
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(
        line.includes('--json') ? /"voters": 3/ : /^(small-cluster|standalone), durable, open, mixed/,
      )
    },
  )

  test.each(lines.filter((line) => line.includes(' disk')))('%s does what it says', async (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'zktune-test-'))
    const words = line.split(' ').slice(1)
    const here = words.map((word) => (/^[./]/.test(word) ? folder : word))
    const { code, stdout } = await zktune(...here, '--duration', '50ms')
    expect([code, readdirSync(folder)]).toEqual([0, []])
    expect(stdout).toContain(`${folder} (`)
    expect(stdout.includes('They lie on one device')).toBe(words.includes('/log'))
    rmSync(folder, { recursive: true })
  })

  // Others may have crashed on this machine: here nothing is removed.
  test.each(lines.filter((line) => line.includes(' clean')))('%s does what it says', async (line) => {
    const here = line
      .split(' ')
      .slice(1)
      .map((word) => (word.startsWith('/') ? tmpdir() : word))
    const { code, stdout } = await zktune(...here, '-n', '--json')
    expect(code).toBe(0)
    expect(faultsOf(JSON.parse(stdout), 'CleanDocument')).toEqual([])
  })

  test.each(lines.filter((line) => line.includes(' profiles')))('%s does what it says', async (line) => {
    const { code, stdout } = await zktune(...line.split(' ').slice(1))
    expect(code).toBe(0)
    expect(stdout).toContain('small-cluster')
  })
})

describe('the examples of recommend', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zktune-recommend-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  test.each(EXAMPLES.recommend.map(({ line }) => line))('%s makes a plan and a search', async (line) => {
    writeFileSync(join(folder, 'zoo.cfg'), 'tickTime=2000\n')
    // As a shell would split it, in the folder of the test.
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1)
    const placed = words.map((word) => (['zoo.cfg', 'advice'].includes(word) ? join(folder, word) : word))
    const { code, stdout, stderr } = await zktune(...placed, '--print-config')
    if (line.includes('--resume')) {
      expect([code, stderr]).toEqual([2, expect.stringContaining('has no journal of a tuning')])
    } else {
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/Searched: \d+ knobs/)
    }
  })
})

describe('knobs', () => {
  test.each(EXAMPLES.knobs.map(({ line }) => line))('%s lists knobs', async (line) => {
    const { code, stdout } = await zktune(...line.split(' ').slice(1))
    expect(code).toBe(0)
    expect(stdout).toMatch(line.includes('--json') ? /"key": "snapCount"/ : /snapCount|maxResponseCacheSize/)
  })

  test('fits 80 columns', async () => {
    const { stdout } = await zktune('knobs', '--engine', 'apache', '--workload', 'service-discovery')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })
})

describe('a line that is wrong', () => {
  test.each([
    [['bech']],
    [['bench', '--durtion', '3s']],
    [['bench', '--find-rate', 'write.p99<1', '--sweep', 'clients=1,2', '--rate', '5']],
    [['bench', '--profile', 'smal-cluster', '--duration', '3', '--size', '1k']],
    [['bench', '--profile', './none.ini']],
    [['bench', '--config', 'none.cfg']],
    [['bench', '--sessions']],
    [['bench', 'small-cluster']],
    [['up', '--port', '99999', '--data', 'x', '--log-dir', 'y']],
    [['up', '--profile', 'read-heavy']],
    [['profiles', 'durabel']],
    [['server']],
    [['bench', '--threshold', 'set.p98<20ms', '--threshold', 'x']],
    [['report', './no-such-run']],
    [['report', 'package.json']],
    [['knobs', '--knobs', 'flushdelay,forceSync', '--pin', 'nix=3', '--pin', 'forceSync=no']],
    [['knobs', '--engine', 'remote']],
    [['recommend', '--objective', 'p98', '--slo', 'x', '--budget', '60', '--tolerate', '2']],
    [['recommend', '--engine', 'remote']],
    [['recommend', '--engine', 'remote', '--connect', 'x:1', '--budget', '20m', '--workload', 'mixed']],
    [['recommend', '--objective', 'errors', '--budget', '3 trials']],
    [['recommend', '--output', 'src']],
    [['recommend', '--resume', 'src']],
    [['recommend', '--resume', 'src', '--budget', '20m']],
    [['report', 'a', '--csv', '--markdown']],
    [['help', 'bnech']],
    [['explain', '']],
    [['clean', './none', 'package.json']],
    [['disk', './none', 'package.json']],
    [['disk']],
    [['inspect', 'zk1:2181']],
  ])('%j: ends with 2 and says where, what, and how to mend it', async (words) => {
    const { code, stdout, stderr } = await zktune(...words)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatchSnapshot()
  })

  test('with --json fails with one document on stdout as well', async () => {
    const { code, stdout, stderr } = await zktune('bench', '--profile', 'smal-cluster', '--json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      command: 'bench',
      error: { code: 'UnknownName', where: '--profile', mend: expect.stringContaining('"small-cluster"') as string },
    })
    expect(stderr).toContain('Did you mean "small-cluster"?')
  })

  test('shows no stack unless it is asked for', async () => {
    expect((await zktune('profiles', 'durabel')).stderr).not.toMatch(/\n +at /)
    expect((await zktune('profiles', 'durabel', '--verbose')).stderr).toMatch(/\n +at /)
  })
})

describe('--print-config', () => {
  test('of a search names no flag that was not given', async () => {
    const { stdout } = await zktune('recommend', '--workload', 'write-heavy', '--print-config')
    expect(stdout).toMatch(/\nduration +6\.0 s +default\n/)
    const given = await zktune('recommend', '--workload', 'write-heavy', '--duration', '3s', '--print-config')
    expect(given.stdout).toMatch(/\nduration +3\.0 s +--duration\n/)
  })

  test('shows every value and where it comes from', async () => {
    const { code, stdout } = await zktune(
      'bench',
      '--print-config',
      '--sessions',
      '4',
      '--seed',
      '7',
      '--workload',
      'read-heavy',
    )
    expect(code).toBe(0)
    expect(stdout.split('\nzoo.cfg')[0]).toMatchSnapshot()
    expect(stdout).toMatch(/\nforceSync +yes +profile durable\n/)
  })

  test('takes a zoo.cfg written for Apache ZooKeeper, opens none of its paths, and names what has no effect', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zktune-test-'))
    const file = join(folder, 'zoo.cfg')
    writeFileSync(
      file,
      'tickTime=1000\ninitLimit=10\nsyncLimit=5\ndataDir=/nowhere/at/all\nclientPort=2181\nsecureClientPort=2281\n' +
        'server.1=one.example:2888:3888\nserver.2=two.example:2888:3888\nserver.3=three.example:2888:3888\n',
    )
    try {
      const { code, stdout } = await zktune('bench', '--config', file, '--print-config', '--seed', '7')
      expect(code).toBe(0)
      expect(stdout).toMatch(/\ntickTime +1000 +\S+\/zoo\.cfg:1\n/)
      expect(stdout.replaceAll(folder, 'conf').split('\nGiven').slice(1).join('\nGiven')).toMatchSnapshot()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('with --json is the plan', async () => {
    const { stdout } = await zktune('bench', '--print-config', '--json', '--seed', '7', '--profile', 'volatile')
    expect(JSON.parse(stdout)).toMatchObject({ seed: 7, isUnsafe: true, voters: 3, origins: { seed: '--seed' } })
  })
})

describe('profiles', () => {
  test('are listed by concern with what they are', async () => {
    expect((await zktune('profiles')).stdout).toMatchSnapshot()
  })

  test('one is shown as its file has it, ready to be copied', async () => {
    const { stdout } = await zktune('profiles', 'volatile')
    const file = new URL('../../profiles/storage/volatile.ini', import.meta.url)
    expect(stdout).toBe(readFileSync(file, 'utf8'))
  })

  test('with --json are one document', async () => {
    expect(JSON.parse((await zktune('profiles', '--json')).stdout)).toMatchObject({
      schemaVersion: 1,
      command: 'profiles',
    })
    expect(JSON.parse((await zktune('profiles', 'volatile', '--json')).stdout)).toMatchObject({
      profile: { name: 'volatile', concern: 'storage', isUnsafe: true, settings: { forceSync: 'no' } },
    })
  })
})
