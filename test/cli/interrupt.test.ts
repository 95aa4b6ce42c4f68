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

test('a second Ctrl-C ends at once, whatever was the first reason to end', () => {
  const { interrupt, log } = interruptWithLog()
  const source = new EventEmitter()
  interrupt.listenTo(source)
  interrupt.end('npm has ended')
  source.emit('SIGINT')
  expect(log).toEqual(['first npm has ended', 'second'])
})

test('what is not a person pressing keys never cuts the clean end short', () => {
  const { interrupt, log } = interruptWithLog()
  const source = new EventEmitter()
  interrupt.listenTo(source)
  source.emit('SIGINT')
  source.emit('SIGHUP')
  interrupt.end('nobody reads the output any more')
  expect(log).toEqual(['first SIGINT'])
})
