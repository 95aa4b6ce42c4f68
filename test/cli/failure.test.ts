import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'

import { exitCodeOf, failureJson, failuresOf, failureText, stackText } from '../../src/cli/failure.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { FaultyInput } from '../../src/kernel/faults.ts'
import type { Fault } from '../../src/kernel/faults.ts'

const badTick = new ZktuneError('BadConfigValue', {
  where: 'zoo.cfg:3',
  what: 'tickTime is "2s" but must be a whole number of milliseconds',
  mend: 'Write tickTime=2000.',
})
const serverDied = new ZktuneError('ServerFailed', {
  where: 'server 2',
  what: 'ended with code 1',
  mend: 'Read its log.',
  cause: new Error('the disk is full'),
})

describe('a failure', () => {
  test('of an input with several faults is one line for each', () => {
    const faults: [Fault, Fault] = [badTick, { ...badTick, where: 'zoo.cfg:7', what: 'b is wrong', mend: 'Mend b.' }]
    const failures = failuresOf(new FaultyInput(faults), 'bench')
    expect(failures.map(({ where }) => where)).toEqual([badTick.where, 'zoo.cfg:7'])
    expect(failureText(failures)).toMatch(/\nzoo.cfg:7: b is wrong. Mend b.\n$/)
  })

  test('is one line that says where, what and how to mend it', () => {
    expect(failureText(failuresOf(badTick, 'bench'))).toBe(
      'zoo.cfg:3: tickTime is "2s" but must be a whole number of milliseconds. Write tickTime=2000.\n',
    )
  })

  test('is one JSON document with --json', () => {
    const document: unknown = JSON.parse(failureJson(failuresOf(badTick, 'bench'), 'bench'))
    expect(document).toEqual({
      schemaVersion: 1,
      command: 'bench',
      error: {
        code: 'BadConfigValue',
        where: 'zoo.cfg:3',
        what: 'tickTime is "2s" but must be a whole number of milliseconds',
        mend: 'Write tickTime=2000.',
      },
    })
  })

  test('ends with 2 for a bad line or file, 1 for work that failed, 130 for an interruption', () => {
    const interrupted = new ZktuneError('Interrupted', { where: 'zktune', what: 'interrupted', mend: 'Run it again.' })
    expect(exitCodeOf(failuresOf(badTick, 'bench'))).toBe(2)
    expect(exitCodeOf(failuresOf(serverDied, 'bench'))).toBe(1)
    expect(exitCodeOf([...failuresOf(badTick, 'bench'), ...failuresOf(serverDied, 'bench')])).toBe(1)
    expect(exitCodeOf(failuresOf(interrupted, 'bench'))).toBe(130)
  })

  test('of the command line keeps the guess of commander and names the help that fits', () => {
    const unknown = new CommanderError(
      1,
      'commander.unknownOption',
      "error: unknown option '--durtion'\n(Did you mean --duration?)",
    )
    expect(failuresOf(unknown, 'bench')).toEqual([
      {
        code: 'UnknownName',
        where: 'zktune bench',
        what: "unknown option '--durtion'",
        mend: 'Did you mean --duration? See `zktune bench --help`.',
      },
    ])
  })

  test('of zktune itself is a Defect that asks to be reported, without a stack', () => {
    const failures = failuresOf(new TypeError('x is undefined'), 'bench')
    expect(failures).toMatchObject([{ code: 'Defect', what: 'TypeError: x is undefined' }])
    expect(exitCodeOf(failures)).toBe(1)
    expect(failureText(failures)).not.toMatch(/\n +at /)
  })

  test('shows its stack and its causes to whoever asks for them', () => {
    expect(stackText(serverDied)).toMatch(/ZktuneError: server 2.*\n[\s\S]*caused by Error: the disk is full/)
  })
})
