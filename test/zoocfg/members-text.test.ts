import { expect, test } from 'vitest'
import { readMembers } from '../../src/zoocfg/members.ts'
import { membersText } from '../../src/zoocfg/members-text.ts'

function textOf(lines: Readonly<Record<string, string>>): string {
  const findings = { faults: [], remarks: [] }
  const settings = new Map(Object.entries(lines).map(([key, value]) => [key, { key, value, where: 'zoo.cfg' }]))
  const text = membersText(readMembers(settings, findings))
  expect(findings.faults).toEqual([])
  return text
}

test.each([
  ['h:2888:3888', 'h:2888:3888:participant'],
  ['h:2888:3888:observer', 'h:2888:3888:observer'],
  ['h:2888:3888;2181', 'h:2888:3888:participant;0.0.0.0:2181'],
  ['h:2888:3888:participant;h:2181', 'h:2888:3888:participant;h:2181'],
  ['[::1]:2888:3888;[::2]:2181', '[::1]:2888:3888:participant;[::2]:2181'],
  ['h:2888:3888;2181;2281', 'h:2888:3888:participant;0.0.0.0:2181;0.0.0.0:2281'],
  ['a:2888:3888|b:2889:3889', 'a:2888:3888|b:2889:3889:participant'],
])('the line %s is shown as %s', (written, shown) => {
  expect(textOf({ 'server.1': written })).toBe(`server.1=${shown}`)
})

test('members are shown by their ids, then groups and weights', () => {
  const lines = { 'server.2': 'b:1:2', 'server.1': 'a:1:2', 'group.1': '1:2', 'weight.2': '3' }
  expect(textOf(lines).split('\n')).toEqual([
    'server.1=a:1:2:participant',
    'server.2=b:1:2:participant',
    'group.1=1:2',
    'weight.1=1',
    'weight.2=3',
  ])
})
