import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Environment } from '../../src/cli/terminal.ts'
import { zktune, zktuneIn, type Ran } from './zktune.ts'

let folder: string
let home: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-test-'))
  home = join(folder, 'home')
  mkdirSync(join(home, '.config', 'zktune'), { recursive: true })
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function inProject(text: string): void {
  writeFileSync(join(folder, 'zktune.ini'), text)
}

function ofUser(text: string): void {
  writeFileSync(join(home, '.config', 'zktune', 'zktune.ini'), text)
}

function run(words: readonly string[], environment: Environment = {}): Promise<Ran> {
  return zktuneIn({ folder, environment: { HOME: home, ...environment } }, ...words)
}

/** The sessions, requests in flight and seed of the plan of a bench. */
async function planned(words: readonly string[], environment: Environment = {}): Promise<unknown[]> {
  const { stdout, stderr } = await run(['bench', '--print-config', '--json', ...words], environment)
  expect(stderr).toBe('')
  const { workload, seed, load } = JSON.parse(stdout) as {
    workload: { sessions: number; inFlight: number }
    seed: number
    load: { kind: string }
  }
  return [workload.sessions, workload.inFlight, seed, load.kind]
}

describe('what stands under the flags', () => {
  test('a flag wins over a variable, that over the file of the folder, that over the file of the user', async () => {
    ofUser('sessions = 1\nin-flight = 1\nseed = 1\nclosed = yes')
    inProject('sessions = 2\nin-flight = 2\nseed = 2')
    const environment = { ZKTUNE_SESSIONS: '3', ZKTUNE_IN_FLIGHT: '3' }
    expect(await planned(['--sessions', '4'], environment)).toEqual([4, 3, 2, 'closed'])
  })

  test('a section is for its command and wins over what stands above', async () => {
    inProject('seed = 1\nsessions = 1\n[up]\nport = 4000\n[bench]\nsessions = 5')
    expect((await planned([])).slice(0, 3)).toEqual([5, expect.any(Number) as number, 1])
  })

  test('XDG_CONFIG_HOME says where the file of the user is', async () => {
    mkdirSync(join(folder, 'xdg', 'zktune'), { recursive: true })
    writeFileSync(join(folder, 'xdg', 'zktune', 'zktune.ini'), 'seed = 77')
    ofUser('seed = 1')
    expect((await planned([], { XDG_CONFIG_HOME: join(folder, 'xdg') }))[2]).toBe(77)
  })

  test('an option that may be repeated takes a list', async () => {
    inProject('profile[] = standalone\nprofile[] = batched-sync')
    const { stdout } = await run(['bench', '--print-config'])
    expect(stdout).toMatch(/^standalone, batched-sync/)
  })

  test('a load that a flag asks for is not contradicted from below', async () => {
    inProject('closed = yes')
    expect((await planned(['--rate', '100']))[3]).toBe('open')
    expect((await planned([]))[3]).toBe('closed')
  })

  test('--verbose says where a value came from', async () => {
    inProject('\n# ours\nseed = 5')
    const { stderr } = await run(['bench', '--print-config', '--verbose'], { ZKTUNE_SESSIONS: '3' })
    expect(stderr).toContain('--sessions 3 (ZKTUNE_SESSIONS)\n')
    expect(stderr).toContain('--seed 5 (zktune.ini:3)\n')
  })

  test('what only another engine can do waits for a run on that', async () => {
    inProject('seed = 1\nheap = 512MiB\nchroot = /mine\n[up]\nzookeeper-home = /opt/zookeeper')
    expect(await planned([], { ZKTUNE_HEAP: '1GiB' })).toEqual(await planned([]))
    const words = ['bench', '--print-config', '--json']
    const ofApache = await run(words, { ZKTUNE_ENGINE: 'apache' })
    expect(JSON.parse(ofApache.stdout)).toMatchObject({ apache: { heapBytes: 512 * 2 ** 20 }, remote: null })
    const typed = await run([...words, '--heap', '1GiB'])
    expect(typed.stdout).toContain('the engine \\"builtin\\" cannot run on Java')
  })

  test('without any of them nothing changes', async () => {
    expect(await planned(['--seed', '1'])).toEqual(await planned(['--seed', '1'], { ZKTUNE_SEED: '9' }))
    expect((await zktune('bench', '--print-config', '--seed', '1')).code).toBe(0)
  })
})

describe('what is wrong there', () => {
  test('is told with its file and line, all of it at once', async () => {
    inProject('sesions = 2\n[bench]\nport = 1\n[bech]\nseed = 1\n[up]\nkeep = perhaps\nallow-remote-writes = yes')
    const { code, stderr } = await run(['up', '--print-config'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^zktune.ini:1: no command has option "sesions".*Did you mean "sessions"/m)
    expect(stderr).toMatch(/^zktune.ini:3: bench has no option "port"/m)
    expect(stderr).toMatch(/^zktune.ini:4: there is no command "bech".*Did you mean "bench"/m)
    expect(stderr).toMatch(/^zktune.ini:8: allow-remote-writes is for the one who types the line/m)
    inProject('[up]\nkeep = perhaps')
    expect((await run(['up', '--print-config'])).stderr).toMatch(/^zktune.ini:2: --keep is "perhaps". Write yes or no/)
  })

  test('a value that the command refuses is told by where it stands, not as a flag that nobody typed', async () => {
    inProject('# how long\nduration = soon')
    expect((await run(['bench', '--print-config'])).stderr).toMatch(/^zktune.ini:2: "soon" is not a duration/)
    inProject('')
    const { stderr } = await run(['bench', '--print-config'], { ZKTUNE_DURATION: 'soon' })
    expect(stderr).toMatch(/^ZKTUNE_DURATION: "soon" is not a duration/)
  })

  test('variables of others that begin as ours are nobody’s mistake, and a consent is not taken from one', async () => {
    const { code } = await run(['bench', '--print-config'], { ZKTUNE_HOME: '/x', ZKTUNE_ALLOW_REMOTE_WRITES: 'yes' })
    expect(code).toBe(0)
  })
})

describe('--print-config', () => {
  test('names the place where a value stands, and a flag only where a flag was given', async () => {
    inProject('rate = 500\n[bench]\nlink-delay = 5ms')
    const words = ['bench', '--engine', 'builtin', '--link-jitter', '1ms', '--print-config', '--json']
    const { stdout } = await run(words, { ZKTUNE_SEED: '7' })
    const { origins } = JSON.parse(stdout) as { origins: Record<string, string> }
    expect(origins).toMatchObject({ load: 'zktune.ini:1', seed: 'ZKTUNE_SEED', engine: '--engine' })
    expect(origins['links']).toBe('zktune.ini:3, --link-jitter')
  })

  test('says so of the heap of Apache too', async () => {
    inProject('heap = 512MiB')
    const { stdout } = await run(['bench', '--engine', 'apache', '--print-config'])
    expect(stdout).toMatch(/heap +512 MiB +zktune\.ini:1/)
  })
})
