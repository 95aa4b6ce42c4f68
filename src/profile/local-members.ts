/** The servers of a local ensemble: voters with the ids from 1, observers behind them, in groups where there are any. */
import type { Findings, Setting } from '../zoocfg/findings.ts'
import { isMemberKey, readMembers } from '../zoocfg/members.ts'
import type { Members } from '../zoocfg/members.ts'
import { QUORUM_KEY, quorumRuleOf } from '../zoocfg/quorum-rule.ts'
import type { CountedQuorum } from '../zoocfg/quorum-rule.ts'

export interface LocalSize {
  readonly voters: number
  readonly observers: number
}

/** The group and weight lines of a zoo.cfg, with the ids that its servers get in a local ensemble. */
export function groupSettings(members: Members, settings: ReadonlyMap<string, Setting>): readonly Setting[] {
  const inOrder = ['participant', 'observer'].flatMap((role) => members.servers.filter((each) => each.role === role))
  const local = new Map(inOrder.map(({ id }, index) => [id, index + 1]))
  const idOf = (text: string): string => String(local.get(Number(text)) ?? text)
  return [...settings.values()].flatMap((setting) => {
    const [family, id = ''] = setting.key.split('.')
    if (family === 'group') return [{ ...setting, value: setting.value.split(':').map(idOf).join(':') }]
    return family === 'weight' ? [{ ...setting, key: `weight.${idOf(id)}` }] : []
  })
}

/** Checks what is said of groups and quorums against the size of the ensemble. */
export function checkLocalMembers(
  { voters, observers }: LocalSize,
  counted: CountedQuorum,
  settings: ReadonlyMap<string, Setting>,
  where: string,
  findings: Findings,
): void {
  if (voters === 1 && observers > 0) {
    const what = `there are ${observers} observers and one voter, which runs standalone`
    findings.faults.push({ code: 'BadConfigValue', where, what, mend: 'Give the ensemble two voters or more.' })
    return
  }
  const lines = new Map<string, Setting>([...settings].filter(([key]) => isMemberKey(key)))
  for (let id = 1; id <= voters + observers; id++) {
    const key = `server.${id}`
    lines.set(key, { key, value: `127.0.0.1:1:2${id > voters ? ':observer' : ''}`, where })
  }
  const members = readMembers(lines, findings)
  quorumRuleOf(members, counted, settings.get(QUORUM_KEY) ?? null, where, findings)
}
