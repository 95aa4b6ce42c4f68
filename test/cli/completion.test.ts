import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { zktune } from './zktune.ts'

/** What bash offers for a line, its last word being completed. */
function offered(script: string, ...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const ask = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _zktune; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

test('bash is offered commands, options, and the words that an option knows', async () => {
  const { stdout } = await zktune('completion', 'bash')
  expect(offered(stdout, 'zktune', 'be')).toEqual(['bench'])
  expect(offered(stdout, 'zktune', '')).toEqual(
    expect.arrayContaining(['bench', 'disk', 'rerun', 'completion', 'help']),
  )
  expect(offered(stdout, 'zktune', 'bench', '--find')).toEqual(['--find-rate'])
  expect(offered(stdout, 'zktune', 'bench', '--engine', 'ap')).toEqual(['apache'])
  expect(offered(stdout, 'zktune', 'bench', '--workload', 'write')).toEqual(['write-heavy'])
  expect(offered(stdout, 'zktune', 'up', '--port', '')).toEqual([])
  expect(offered(stdout, 'zktune', 'lint', 'zo')).toEqual([])
})

test('every command and option is in every script', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await zktune('completion', shell)
    expect(code).toBe(0)
    for (const word of ['bench', 'lint', 'find-rate', 'zookeeper-version', 'write-heavy'])
      expect(stdout).toContain(word)
  }
  const { stdout } = await zktune('completion', 'fish')
  // A quote within a description would end it.
  expect(stdout.split('\n').filter((line) => (line.replaceAll("\\'", '').split("'").length - 1) % 2 === 1)).toEqual([])
})

test('a shell that is not known is refused', async () => {
  const { code, stderr } = await zktune('completion', 'bsh')
  expect(code).toBe(2)
  expect(stderr).toContain('Did you mean "bash"?')
})
