import { EventEmitter } from 'node:events'

import { expect, test } from 'vitest'

import { Interrupt } from '../../src/cli/interrupt.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'

function interruptWithLog(): { interrupt: Interrupt; log: string[] } {
  const log: string[] = []
  const interrupt = new Interrupt({
    onFirst: (cause) => log.push(`first ${cause}`),
    onSecond: () => log.push('second'),
  })
  return { interrupt, log }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s aborts the one signal at the top', (name) => {
  const { interrupt, log } = interruptWithLog()
  const source = new EventEmitter()
  interrupt.listenTo(source)
  source.emit(name)
  expect(interrupt.signal.aborted).toBe(true)
  expect(log).toEqual([`first ${name}`])
  const reason: unknown = interrupt.signal.reason
  expect(reason instanceof ZktuneError && reason.code).toBe('Interrupted')
})

test('a second request ends at once', () => {
  const { interrupt, log } = interruptWithLog()
  interrupt.request('SIGINT')
  interrupt.request('parent ended')
  expect(log).toEqual(['first SIGINT', 'second'])
})
