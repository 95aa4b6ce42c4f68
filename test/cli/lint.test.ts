import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'
import { zktune } from './zktune.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zktune-lint-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const CLEAN =
  'dataDir=/zktune/data\ndataLogDir=/zktune/log\nclientPort=2181\nautopurge.purgeInterval=1\nadmin.enableServer=false\n'

function put(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text, 'latin1')
  return file
}

test('a clean file exits with 0, one with a warning with 1, unless only errors are to fail', async () => {
  expect(await zktune('lint', put('clean.cfg', CLEAN))).toEqual({
    code: 0,
    stdout: 'Nothing found in 1 file.\n',
    stderr: '',
  })
  const file = put('warned.cfg', `${CLEAN}flushDelay=100\n`)
  expect((await zktune('lint', file)).code).toBe(1)
  expect((await zktune('lint', file, '--fail-on', 'error')).code).toBe(0)
})

test('a folder stands for the configurations below it', async () => {
  mkdirSync(join(folder, 'deep/er'), { recursive: true })
  put('deep/er/zoo.cfg', CLEAN)
  put('other.cfg', CLEAN)
  put('notes.txt', 'x')
  expect((await zktune('lint', folder)).stdout).toBe('Nothing found in 2 files.\n')
})

test('what names no configuration is refused with 2', async () => {
  const missing = await zktune('lint', join(folder, 'none.cfg'))
  expect([missing.code, missing.stderr]).toEqual([
    2,
    `${folder}/none.cfg: there is no such configuration. See whether the path is right and the file may be read.\n`,
  ])
  expect((await zktune('lint', folder)).code).toBe(2)
  expect((await zktune('lint', put('a.cfg', CLEAN), '--zookeeper-version', '4.0')).stderr).toContain('3.5, 3.6')
  expect((await zktune('lint', put('a.cfg', CLEAN), '--fail-on', 'all')).code).toBe(2)
})

test('--fix writes beside the file and shows the difference; the file stays', async () => {
  const file = put('zoo.cfg', `# caf\xe9\n${CLEAN}forceSync=false\n`)
  const { stderr } = await zktune('lint', file, '--fix')
  expect(stderr).toContain('-forceSync=false\n+forceSync=yes')
  expect(readFileSync(file, 'latin1')).toContain('forceSync=false')
  expect(readFileSync(`${file}.fixed`, 'latin1')).toBe(`# caf\xe9\n${CLEAN}forceSync=yes\n`)
  await zktune('lint', file, '--fix')
  expect(readdirSync(folder).sort()).toEqual(['zoo.cfg', 'zoo.cfg.fixed', 'zoo.cfg.fixed.2'])
})

test('--fix --in-place keeps what the file was', async () => {
  const file = put('zoo.cfg', `${CLEAN}forceSync=false\n`)
  await zktune('lint', file, '--fix', '--in-place')
  expect(readFileSync(file, 'latin1')).toBe(`${CLEAN}forceSync=yes\n`)
  expect(readFileSync(`${file}.bak`, 'latin1')).toBe(`${CLEAN}forceSync=false\n`)
  expect(readdirSync(folder).sort()).toEqual(['zoo.cfg', 'zoo.cfg.bak'])
})

test('the folders of a server that is here are looked at, and its Java side', async () => {
  const data = join(folder, 'data')
  mkdirSync(join(data, 'version-2'), { recursive: true })
  writeFileSync(join(data, 'version-2/log.1'), '')
  put('java.env', 'export SERVER_JVMFLAGS="-Xmx9000g"')
  const file = put('zoo.cfg', `dataDir=${data}\nclientPort=2181\nautopurge.purgeInterval=1\nadmin.enableServer=false\n`)
  const { stdout } = await zktune('lint', file, '--json')
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly rule: string }[] }
  const rules = findings.map(({ rule }) => rule)
  expect(rules).toContain('logs-without-snapshot')
  expect(rules).toContain('whole-heap-vs-ram')
})

test('variables of the official image are looked at as the zoo.cfg that it makes of them', async () => {
  const file = put(
    'docker-compose.yml',
    [
      'services:',
      '  zk:',
      '    image: zookeeper:3.9',
      '    mem_limit: 512m',
      '    environment:',
      '      ZOO_STANDALONE_ENABLED: yes',
      '      ZOO_TIK_TIME: 3000',
      '      ZOO_AUTOPURGE_PURGEINTERVAL: 1',
      '      ZOO_ADMINSERVER_ENABLED: false',
    ].join('\n'),
  )
  const { stdout, code } = await zktune('lint', file, '--json')
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly { rule: string; line: number; mend: string; fixable: boolean }[]
  }
  expect(code).toBe(1)
  expect(findings.map(({ rule, line }) => `${rule}@${line}`)).toEqual([
    'boolean-key-invalid@6',
    'whole-heap-vs-ram@2',
    'unknown-variable@7',
  ])
  expect(findings[0]?.mend).toContain('The image takes standaloneEnabled from ZOO_STANDALONE_ENABLED.')
  expect(findings.some(({ fixable }) => fixable)).toBe(false)
  expect((await zktune('explain', file)).stdout).toContain('ZOO_AUTOPURGE_PURGEINTERVAL in line 8')
})

test('files of containers without a server of ours are refused, and so is one of many where one is wanted', async () => {
  const none = await zktune('lint', put('compose.yml', 'services:\n  zk:\n    image: bitnami/zookeeper\n'))
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no container in it is of the official image')])
  const two = put('two.yml', 'services:\n  a: {image: zookeeper}\n  b: {image: zookeeper}\n')
  const { code, stderr } = await zktune('explain', two)
  expect([code, stderr]).toEqual([2, `${two}: there are 2 servers in it. Name one: ${two}#a, ${two}#b.\n`])
  expect((await zktune('explain', `${two}#b`)).code).toBe(0)
  expect((await zktune('lint', put('bad.yml', 'a: [1\nb: 2'))).stderr).toContain('bad.yml:2:')
})

test('what is no text is refused, however it is called', async () => {
  expect((await zktune('lint', put('zoo.cfg', '\xff\xfet\0i\0'))).stderr).toContain('UTF-8, not UTF-16')
  expect((await zktune('lint', put('long.cfg', `a=${'x'.repeat(1024 * 1024)}`))).stderr).toContain('far more than any')
})

test('--plain has a finding a line, --quiet the last line, and one command line has one of the forms', async () => {
  const file = put('zoo.cfg', `${CLEAN}flushDelay=100\nforceSync=off\n`)
  expect((await zktune('lint', file, '--plain')).stdout).toBe(
    `${file}:7:1\terror\tyes-no-switch-wrong-word\tforceSync is "off", which counts as yes\n` +
      `${file}:6:1\twarning\tflush-delay-long\tflushDelay is 100\n`,
  )
  expect((await zktune('lint', file, '--quiet')).stdout).toBe(
    '1 error, 1 warning, 0 info in 1 file. 1 can be fixed: add --fix.\n',
  )
  const both = await zktune('lint', file, '--json', '--sarif')
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--json and --sarif both say what is printed')])
})

test('--in-place without --fix is refused, and so is --fix of stdin', async () => {
  const file = put('zoo.cfg', CLEAN)
  expect((await zktune('lint', file, '--in-place')).stderr).toBe(
    'zktune lint: --in-place says where --fix writes. Add --fix.\n',
  )
  expect((await zktune('lint', '-', '--fix')).code).toBe(2)
})
