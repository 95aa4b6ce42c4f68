import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { withMembers } from '../../../src/tune/output/member-lines.ts'
import { readMembers } from '../../../src/zoocfg/members.ts'
import { readZooCfg } from '../../../src/zoocfg/zoo-cfg.ts'

const THREE =
  'tickTime=2000\nserver.1=a:2888:3888;2181\nserver.2=b:2888:3888;2181\n# the last\nserver.3=c:2888:3888;2181\n'

describe('a file for another number of servers', () => {
  test('gets new ones that are like its last', () => {
    const text = withMembers(THREE, { voters: 4, observers: 1 })
    expect(text.startsWith(THREE)).toBe(true)
    expect(text).toContain('\nserver.4=zookeeper-4:2888:3888;2181\n')
    expect(text).toContain('\nserver.5=zookeeper-5:2888:3888:observer;2181\n')
    expect(text).toContain(
      '# the ensemble that was measured has it; its host is an example, and it needs peerType=observer\n',
    )
  })

  test('loses its last ones, as comments', () => {
    expect(withMembers(THREE, { voters: 1, observers: 0 })).toBe(
      'tickTime=2000\nserver.1=a:2888:3888;2181\n# not in the ensemble that was measured: server.2=b:2888:3888;2181\n' +
        '# the last\n# not in the ensemble that was measured: server.3=c:2888:3888;2181\n',
    )
  })

  test('of servers that are named elsewhere stays as it is', () => {
    expect(withMembers('tickTime=2000\n', { voters: 5, observers: 0 })).toBe('tickTime=2000\n')
  })

  test('has them, whatever it had', () => {
    const member = fc.record({ observer: fc.boolean(), hosts: fc.constantFrom('h:1:2', 'h:1:2|i:3:4', '[::1]:5:6') })
    const wanted = fc.record({ voters: fc.integer({ min: 1, max: 9 }), observers: fc.nat(4) })
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 7 }), wanted, (members, counts) => {
        const lines = members.map(({ observer, hosts }, index) => {
          const role = observer ? ':observer' : ''
          return `server.${index * 3 + 2} = ${hosts
            .split('|')
            .map((each) => `${each}${role}`)
            .join('|')};2181\n`
        })
        const text = withMembers(lines.join(''), counts)
        const findings = { faults: [], remarks: [] }
        const { servers } = readMembers(readZooCfg('zoo.cfg', text).settings, findings)
        expect(findings.faults).toEqual([])
        const countOf = (role: string): number => servers.filter((each) => each.role === role).length
        expect([countOf('participant'), countOf('observer')]).toEqual([counts.voters, counts.observers])
      }),
    )
  })
})
