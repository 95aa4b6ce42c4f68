import { describe, expect, test } from 'vitest'
import { ElectionGreeting } from '../../../src/ensemble/apache/election-greeting.ts'

/** As QuorumCnxManager of 3.8.0 writes it, version -65536, from server 2. */
const GREETING = Buffer.from(`ffffffffffff0000${'0000000000000002'}${'0000000f'}`, 'hex')
const ADDRESS = '127.0.0.1:38459'

describe('the greeting of an election', () => {
  test('has another address for the one of its sender, and what follows is as it was', () => {
    const greeting = new ElectionGreeting('127.0.0.1:7')
    const changed = greeting.next(Buffer.concat([GREETING, Buffer.from(`${ADDRESS}more`)]))
    expect(changed.toString('hex')).toBe(
      `ffffffffffff000000000000000000020000000b${Buffer.from('127.0.0.1:7more').toString('hex')}`,
    )
    expect(greeting.next(Buffer.from('and on')).toString()).toBe('and on')
  })

  test('is changed even if it comes byte by byte', () => {
    const greeting = new ElectionGreeting('127.0.0.1:7')
    const all = [...Buffer.concat([GREETING, Buffer.from(`${ADDRESS}!`)])].map((byte) => greeting.next(Buffer.of(byte)))
    expect(Buffer.concat(all).subarray(20).toString()).toBe('127.0.0.1:7!')
  })

  test.each([
    ['another version', Buffer.from('0000000000000002ffff', 'hex')],
    ['an address of no length', Buffer.concat([GREETING.subarray(0, 16), Buffer.alloc(8)])],
    ['TLS', Buffer.from('16030100f8010000f40303', 'hex')],
  ])('is left alone when it is %s', (_, bytes) => {
    expect(new ElectionGreeting('127.0.0.1:7').next(bytes)).toEqual(bytes)
  })

  test('that is never completed comes out as it was', () => {
    const greeting = new ElectionGreeting('127.0.0.1:7')
    expect(greeting.next(GREETING).length).toBe(0)
    expect(greeting.rest()).toEqual(GREETING)
    expect(greeting.rest().length).toBe(0)
  })
})
