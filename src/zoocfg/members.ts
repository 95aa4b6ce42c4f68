/** The servers of an ensemble as `server.N`, `group.N` and `weight.N` lines name them (QuorumMaj, QuorumHierarchical). */
import type { Findings, Setting } from './findings.ts'
import { javaLong } from './java-number.ts'
import { readServerLine } from './server-line.ts'
import type { ServerLine } from './server-line.ts'

export interface Members {
  /** By ascending id; empty for a server of its own. */
  readonly servers: readonly ServerLine[]
  /** Ids by group; empty without groups. */
  readonly groups: ReadonlyMap<number, readonly number[]>
  /** By server id; servers without a line weigh 1. */
  readonly weights: ReadonlyMap<number, number>
}

/** A key that QuorumPeerConfig takes for a part of the server list, well formed or not. */
export function isMemberKey(key: string): boolean {
  return key.startsWith('server.') || key.startsWith('group') || key.startsWith('weight')
}

export function voterCount(members: Members): number {
  return members.servers.filter(({ role }) => role === 'participant').length
}

export function readMembers(settings: ReadonlyMap<string, Setting>, findings: Findings): Members {
  const servers = new Map<number, ServerLine>()
  const groups = new Map<number, readonly number[]>()
  const weights = new Map<number, number>()
  const fault = (setting: Setting, what: string, mend: string): void => {
    findings.faults.push({ code: 'BadConfigValue', where: setting.where, what, mend })
  }
  for (const setting of settings.values()) {
    if (setting.key === 'version' && !/^[0-9a-f]+$/i.test(setting.value)) {
      fault(setting, `version is "${setting.value}" but must be a hexadecimal number`, 'Delete the line.')
    }
    if (!isMemberKey(setting.key)) continue
    const number = javaLong(setting.key.slice(setting.key.indexOf('.') + 1))
    if (number === null) {
      const family = /^(server|group|weight)/.exec(setting.key)?.[0] ?? 'server'
      fault(setting, `${setting.key} has no number after the dot`, `Write ${family}.1, or rename the key.`)
    } else if (setting.key.startsWith('server.')) {
      const line = readServerLine(number, setting.value)
      if ('what' in line) fault(setting, `${setting.key}: ${line.what}`, line.mend)
      else if (servers.has(number)) fault(setting, `server ${number} is given twice`, 'Keep one of the two lines.')
      else servers.set(number, line)
      if ('endpoints' in line) remarkAddresses(setting, line, findings)
    } else if (setting.key.startsWith('group')) {
      const ids = setting.value.split(':').map(javaLong)
      if (ids.includes(null)) {
        fault(setting, `${setting.key} is "${setting.value}" but must list server ids`, 'Write ids like 1:2:3.')
      } else
        groups.set(
          number,
          ids.filter((id) => id !== null),
        )
    } else {
      const weight = javaLong(setting.value)
      // Apache takes a weight below 0, and then counts majorities of sums that mean nothing.
      if (weight === null || weight < 0) {
        fault(setting, `${setting.key} is "${setting.value}" but must be a whole number from 0`, 'Write 1.')
      } else weights.set(number, weight)
    }
  }
  const members = { servers: [...servers.values()].sort((one, other) => one.id - other.id), groups, weights }
  checkGroups(members, settings, findings)
  return members
}

function remarkAddresses(setting: Setting, line: ServerLine, findings: Findings): void {
  if (line.endpoints.length === 1) return
  findings.remarks.push({
    kind: 'differs-from-apache',
    key: setting.key,
    where: setting.where,
    what: `${setting.key} has ${line.endpoints.length} addresses, which count with multiAddress.enabled=true alone`,
    mend: 'Here that line is enough; Apache must be started with -Dzookeeper.multiAddress.enabled=true.',
  })
}

function checkGroups(members: Members, settings: ReadonlyMap<string, Setting>, findings: Findings): void {
  const first = [...settings.values()].find(({ key }) => key.startsWith('group') || key.startsWith('weight'))
  if (first === undefined) return
  const seen = new Map<number, number>()
  for (const id of [...members.groups.values()].flat()) seen.set(id, (seen.get(id) ?? 0) + 1)
  const twice = [...seen].filter(([, count]) => count > 1).map(([id]) => id)
  const missing = members.servers.filter(({ id, role }) => role === 'participant' && !seen.has(id)).map(({ id }) => id)
  const fault = (what: string, mend: string): void => {
    findings.faults.push({ code: 'BadConfigValue', where: first.where, what, mend })
  }
  const known = new Set(
    [...settings.keys()].filter((key) => key.startsWith('server.')).map((key) => Number(key.slice(7))),
  )
  const strange = [...seen.keys()].filter((id) => !known.has(id))
  if (strange.length > 0) {
    fault(
      `${serversText(strange)} in a group but without a server.N line`,
      'Add the line, or take the id out of the group.',
    )
  }
  if (twice.length > 0) fault(`${serversText(twice)} in more than one group`, 'Put every server into one group.')
  if (missing.length > 0) {
    fault(`${serversText(missing)} in no group`, 'With any group or weight line every voter needs a group.')
  }
}

function serversText(ids: readonly number[]): string {
  return ids.length === 1 ? `server ${ids[0]} is` : `servers ${ids.join(', ')} are`
}
