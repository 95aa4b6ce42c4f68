import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allKnobs } from '../../src/zoocfg/catalogue.ts'
import { isSecret } from '../../src/zoocfg/secrets.ts'
import { zktune } from './zktune.ts'

/** Every secret that a configuration can hold, misspelt and doubly prefixed ones too, and each twice. */
function configWith(secret: string): string {
  const keys = allKnobs().flatMap(({ key }) => (isSecret(key) ? [key] : []))
  keys.push('ssl.keyStore.pasword', 'zookeeper.ssl.keyStore.password', 'my.own.password')
  const lines = [...keys, ...keys].map((key, index) => `${key}=super:${secret}${index}\n`)
  const ports = 'tickTime=2000\ndataDir=/d\nclientPort=2181\nsecureClientPort=2281\nssl.keyStore.location=/k.pem\n'
  return ports + lines.join('')
}

const SECRET = 'hunter'
let folder: string
let file: string
let other: string
let profile: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zktune-secrets-'))
  file = join(folder, 'zoo.cfg')
  other = join(folder, 'other.cfg')
  profile = join(folder, 'own.ini')
  writeFileSync(file, configWith(`${SECRET}2`))
  writeFileSync(other, configWith(`${SECRET}3`))
  const head = '[profile]\nconcern=security\ndescription=x\nextends=open\n[settings]\n'
  writeFileSync(profile, `${head}DigestAuthenticationProvider.superDigest=super:${SECRET}4\n`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['lint', () => ['lint', file]],
  ['lint --json', () => ['lint', file, '--json']],
  ['lint --sarif', () => ['lint', file, '--sarif']],
  ['explain', () => ['explain', file]],
  ['explain --all --json', () => ['explain', file, '--all', '--json']],
  ['diff', () => ['diff', file, other]],
  ['diff --json', () => ['diff', file, other, '--json']],
  ['up --print-config', () => ['up', '--config', file, '--print-config']],
  ['up --print-config --json', () => ['up', '--config', file, '--print-config', '--json']],
  ['bench --print-config', () => ['bench', '--profile', profile, '--print-config']],
  ['bench --print-config --json', () => ['bench', '--config', file, '--print-config', '--json']],
  ['profiles --json', () => ['profiles', profile, '--json']],
])('%s names settings that are secret, and shows none of their values', async (_name, words) => {
  const { stdout, stderr } = await zktune(...words())
  expect(stdout).toMatch(/superDigest/)
  expect(stdout + stderr).not.toContain(SECRET)
})

test('two secrets that differ are told, though not shown', async () => {
  const { stdout } = await zktune('diff', file, other)
  expect(stdout).toMatch(/superDigest\n.*: \(hidden\) {2}\(line \d+\)\n.*: \(hidden\) {2}\(line \d+\)\n/)
  expect((await zktune('diff', file, file)).stdout).toBe('No setting differs in what counts.\n')
})

test('lint --fix shows what it changes without the secrets, and writes them as they were', async () => {
  const { stdout, stderr } = await zktune('lint', file, '--fix')
  expect(stderr).toMatch(/^-ssl\.keyStore\.password=\(hidden\)$/m)
  expect(stdout + stderr).not.toContain(SECRET)
  const fixed = readdirSync(folder).find((name) => name.endsWith('.fixed')) ?? ''
  expect(
    readFileSync(join(folder, fixed), 'latin1').match(/^ssl\.keyStore\.password=super:hunter2\d+$/gm),
  ).toHaveLength(1)
})
