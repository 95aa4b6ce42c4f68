/** Rules on the list of servers: `server.N`, `group.N`, `weight.N`, the dynamic file and myid. */
import { javaLong } from '../java-number.ts'
import { isMemberKey, voterCount } from '../members.ts'
import { readServerLine } from '../server-line.ts'
import type { ServerLine } from '../server-line.ts'
import { onKey, onWord } from './check.ts'
import type { Check, Checks } from './check.ts'
import type { RuleId } from './rule-texts.ts'
import type { Line, ServerView } from './server-view.ts'
import type { Site } from './lint-rule.ts'

const VOTERS_MANY = 7
const OBSERVERS_MANY = 10
const SERVER_ID_MAX_WITH_TYPES = 254

export const MEMBER_CHECKS: Checks = {
  'server-line-format': badServerLine('server-line-format'),
  'server-line-port-not-a-number': badServerLine('server-line-port-not-a-number'),
  'server-line-equal-ports': badServerLine('server-line-equal-ports'),
  'server-line-role-unknown': badServerLine('server-line-role-unknown'),
  'server-id-not-a-number': eachMemberLine((line) =>
    line.key.startsWith('server.') && numberOf(line.key) === null ? `${line.key} has no number after the dot` : null,
  ),
  'group-key-malformed': eachMemberLine((line) =>
    /^(group|weight)/.test(line.key) && numberOf(line.key) === null ? `${line.key} has no number after a dot` : null,
  ),
  'group-missing-voter': function* (server) {
    if (!server.listLines.some(({ key }) => key.startsWith('group'))) return
    // Apache gets no further than the key.
    if (server.listLines.some(({ key }) => numberOf(key) === null)) return
    const grouped = new Set([...server.members.groups.values()].flat())
    for (const { id } of server.voters) {
      if (!grouped.has(id)) yield server.atMember(`server.${id}`, `server ${id} is in no group`)
    }
  },
  'weight-without-group': function* (server) {
    const weight = server.listLines.find(({ key }) => key.startsWith('weight'))
    const hasGroup = server.listLines.some(({ key }) => key.startsWith('group'))
    if (weight !== undefined && !hasGroup) yield server.atMember(weight.key, `${weight.key} stands without any group`)
  },
  'group-duplicate-server': function* (server) {
    const groupOf = new Map<number, number>()
    for (const [group, ids] of server.members.groups) {
      for (const id of ids) {
        const earlier = groupOf.get(id)
        if (earlier !== undefined) {
          yield server.atMember(`group.${group}`, `server ${id} is in group ${earlier} and in group ${group}`)
        }
        groupOf.set(id, group)
      }
    }
  },
  'all-weights-zero': function* (server) {
    const { groups, weights } = server.members
    const ids = [...groups.values()].flat()
    if (ids.length > 0 && ids.every((id) => weights.get(id) === 0))
      yield atFirstOf(server, 'weight', 'every weight is 0')
  },
  'groups-without-weights': function* (server) {
    if (server.members.groups.size > 0 && server.members.weights.size === 0)
      yield atFirstOf(server, 'group', 'there are groups and no weights')
  },
  'two-groups-only': function* (server) {
    const { groups, weights } = server.members
    const counted = [...groups.values()].filter((ids) => ids.some((id) => (weights.get(id) ?? 1) > 0))
    if (counted.length === 2) yield atFirstOf(server, 'group', 'there are exactly two groups')
  },
  'multiaddress-disabled': function* (server) {
    if (server.isTrue('multiAddress.enabled') || isGivenToJvm(server, 'zookeeper.multiAddress.enabled')) return
    yield* severalAddresses(server)
  },
  'multiaddress-only-in-zoocfg': function* (server) {
    if (!server.isTrue('multiAddress.enabled')) return
    if (!isGivenToJvm(server, 'zookeeper.multiAddress.enabled')) yield* severalAddresses(server)
  },
  'no-participants': wholeList((server) =>
    server.voters.length === 0 && server.observers.length > 0 ? 'there are observers and no participant' : null,
  ),
  'one-voter-with-observers': wholeList((server) =>
    server.voters.length === 1 && server.observers.length > 0 && server.isTrue('standaloneEnabled')
      ? 'there is one participant with observers, and standaloneEnabled is true'
      : null,
  ),
  'standalone-disabled-no-servers': onKey('standaloneEnabled', (server) =>
    !server.isTrue('standaloneEnabled') && server.members.servers.length === 0 && server.listLines.length === 0
      ? 'standaloneEnabled is false and there is no server line'
      : null,
  ),
  'single-server-line': function* (server) {
    const [voter] = server.voters
    if (server.voters.length !== 1 || server.observers.length > 0 || !server.isTrue('standaloneEnabled')) return
    // The image itself writes it where nobody says anything.
    if (server.listLines[0]?.variable === null) return
    const what = 'there is one server line, which is ignored'
    const port = server.line('clientPort') === null ? (voter?.client?.port ?? null) : null
    const site = atFirstOf(server, 'server.', port === null ? what : `${what} but for its client port`)
    yield port === null ? site : { ...site, mend: `Write clientPort=${port} in its place.` }
  },
  'two-voters': wholeList((server) =>
    server.isDistributed && voterCount(server.members) <= 2
      ? `there ${server.voters.length === 1 ? 'is one voter' : 'are two voters'}`
      : null,
  ),
  'even-number-of-voters': wholeList((server) => {
    const count = voterCount(server.members)
    return count > 2 && count % 2 === 0 && server.members.groups.size === 0
      ? `there are ${count} voters: no more than ${count / 2 - 1} may fail, as with ${count - 1}`
      : null
  }),
  'too-many-voters': wholeList((server) =>
    voterCount(server.members) > VOTERS_MANY ? `there are ${voterCount(server.members)} voters` : null,
  ),
  'leader-serves-large-ensemble': wholeList((server) =>
    voterCount(server.members) > 3 && server.written('leaderServes') !== 'no'
      ? 'the leader of more than three voters serves clients too, which costs a load of many writes'
      : null,
  ),
  'peertype-disagrees': onKey('peerType', (server) => {
    const type = server.written('peerType')?.toLowerCase()
    const lines = ownLines(server)
    const [line] = lines
    return type !== undefined && line !== undefined && lines.every(({ role }) => role !== type)
      ? `peerType is ${type}, and ${nameOf(lines)} says ${line.role}`
      : null
  }),
  'duplicate-server-address': function* (server) {
    const taken = new Map<string, number>()
    for (const { id, endpoints } of server.members.servers) {
      const ports = endpoints.flatMap(({ host, quorumPort, electionPort }) => [
        `${host}:${quorumPort}`,
        `${host}:${electionPort}`,
      ])
      for (const address of new Set(ports)) {
        const other = taken.get(address)
        if (other !== undefined) yield server.atMember(`server.${id}`, `${address} is server ${other}'s already`)
        else taken.set(address, id)
      }
    }
  },
  'loopback-in-multi-host-ensemble': function* (server) {
    const hosts = server.members.servers.flatMap(({ id, endpoints }) => endpoints.map(({ host }) => ({ id, host })))
    if (hosts.every(({ host }) => isLoopback(host))) return
    for (const { id, host } of hosts) {
      if (isLoopback(host))
        yield server.atMember(`server.${id}`, `server ${id} is at ${host}, and others are elsewhere`)
    }
  },
  'dynamic-and-static-members': function* (server) {
    if (server.line('dynamicConfigFile') === null) return
    for (const { key, entry } of server.lines) {
      if (isMemberKey(key)) yield { entry, key, what: `${key} stands beside dynamicConfigFile` }
    }
  },
  'dynamic-file-missing': onKey('dynamicConfigFile', (server) =>
    server.files.dynamic === null ? `${server.written('dynamicConfigFile')} cannot be read` : null,
  ),
  'dynamic-file-foreign-key': function* (server) {
    const file = server.dynamic?.file
    for (const { key, entry } of server.dynamicLines) {
      if (file !== undefined && key !== 'version' && !isMemberKey(key)) {
        yield { entry, key, what: `${key} stands in the dynamic file`, file }
      }
    }
  },
  'dynamic-file-version-inside': function* (server) {
    const line = server.dynamicLines.find(({ key }) => key === 'version')
    const file = server.dynamic?.file
    if (line !== undefined && file !== undefined) {
      yield { entry: line.entry, key: 'version', what: 'the dynamic file has a version line', file }
    }
  },
  'client-port-conflict-static-dynamic': onKey('clientPort', (server) => {
    const written = javaLong(server.written('clientPort') ?? '')
    const lines = ownLines(server)
    const [port] = lines.map(({ client }) => client?.port)
    const isConflict = lines.every(({ client }) => client !== null && client.port !== written)
    return written !== null && port !== undefined && isConflict
      ? `clientPort is ${written}, and ${nameOf(lines)} says ${port}`
      : null
  }),
  'myid-missing': function* (server) {
    if (!server.isDistributed || server.files.myid !== null) return
    const file = `${server.written('dataDir') ?? '<dataDir>'}/myid`
    const known = server.members.servers.map(({ id }) => id).join(', ')
    yield { entry: null, key: null, file, what: 'there is no such file', mend: `Write its number (${known}) into it.` }
  },
  'myid-not-a-number': function* (server) {
    const { myid } = server
    if (myid === null || server.id !== null) return
    const [first = ''] = myid.text.split(/\r\n|\n|\r/)
    yield { entry: null, key: null, file: myid.file, what: `its first line is "${first}"` }
  },
  'myid-not-in-server-list': function* (server) {
    const { myid } = server
    if (myid === null || server.id === null || !server.isDistributed || server.ownLine !== null) return
    const known = server.members.servers.map(({ id }) => id).join(', ')
    yield { entry: null, key: null, file: myid.file, what: `server ${server.id} has no line; there are ${known}` }
  },
  'extended-types-large-id': onKey('extendedTypesEnabled', (server) => {
    const large = server.members.servers.find(({ id }) => id > SERVER_ID_MAX_WITH_TYPES)
    return server.isTrue('extendedTypesEnabled') && large !== undefined ? `there is a server ${large.id}` : null
  }),
  'many-observers-on-leader': wholeList((server) =>
    server.observers.length > OBSERVERS_MANY && (server.number('observerMasterPort') ?? 0) <= 0
      ? `${server.observers.length} observers hang on the leader`
      : null,
  ),
  'observer-reconnect-storm': wholeList((server) =>
    server.observers.length > OBSERVERS_MANY && server.number('observer.reconnectDelayMs') === 0
      ? `${server.observers.length} observers come back at once`
      : null,
  ),
  'observer-sync-off': onKey('syncEnabled', (server) => {
    const isObserver = server.ownLine?.role === 'observer' || server.written('peerType')?.toLowerCase() === 'observer'
    return isObserver && !server.isTrue('syncEnabled') ? 'syncEnabled is false on an observer' : null
  }),
  'oracle-with-groups': onKey('oraclePath', (server) =>
    server.line('oraclePath') !== null && server.members.groups.size > 0
      ? 'oraclePath is set, and there are groups'
      : null,
  ),
  'oracle-with-more-than-two': onKey('oraclePath', (server) =>
    server.line('oraclePath') !== null && server.voters.length !== 2
      ? `oraclePath is set with ${server.voters.length} voters`
      : null,
  ),
  'reconfig-with-groups': onKey('reconfigEnabled', (server) =>
    server.isTrue('reconfigEnabled') && server.members.groups.size > 0
      ? 'reconfigEnabled is true, and there are groups'
      : null,
  ),
  'reconfig-static-clientport': onKey('clientPort', (server) =>
    server.isTrue('reconfigEnabled') && server.line('clientPort') !== null
      ? 'reconfigEnabled is true, and clientPort stands in the static file'
      : null,
  ),
  'reconfig-without-acl': onKey('skipACL', (server) =>
    server.isTrue('reconfigEnabled') && server.written('skipACL') === 'yes'
      ? 'reconfigEnabled is true and skipACL is yes'
      : null,
  ),
  'local-upgrade-without-local': onKey('localSessionsUpgradingEnabled', (server) =>
    server.isTrue('localSessionsUpgradingEnabled') && !server.isTrue('localSessionsEnabled')
      ? 'localSessionsUpgradingEnabled is true and localSessionsEnabled is not'
      : null,
  ),
  'read-only-mode': onWord('readonlymode.enabled', ['true']),
}

/** The line of this server; without myid it may be any of them. */
function ownLines(server: ServerView): readonly ServerLine[] {
  return server.ownLine === null ? server.members.servers : [server.ownLine]
}

function nameOf(lines: readonly ServerLine[]): string {
  const [first] = lines
  return lines.length === 1 ? `server.${first?.id}` : 'every server line'
}

function eachMemberLine(look: (line: Line) => string | null): Check {
  return function* (server) {
    for (const line of server.listLines) {
      const what = look(line)
      if (what !== null) yield server.atMember(line.key, what)
    }
  }
}

/** The reader of server lines says what is wrong; the rule is told by which of its sentences it was. */
function badServerLine(rule: RuleId): Check {
  return eachMemberLine((line) => {
    const id = line.key.startsWith('server.') ? numberOf(line.key) : null
    const read = id === null ? null : readServerLine(id, line.value)
    return read !== null && 'what' in read && ruleOfProblem(read.what) === rule ? `${line.key}: ${read.what}` : null
  })
}

function ruleOfProblem(what: string): RuleId {
  if (what.endsWith('is not a port')) return 'server-line-port-not-a-number'
  if (what.endsWith('twice')) return 'server-line-equal-ports'
  if (what.endsWith('is not a role')) return 'server-line-role-unknown'
  return 'server-line-format'
}

function numberOf(key: string): number | null {
  return javaLong(key.slice(key.indexOf('.') + 1))
}

/** A condition on the list as a whole, told at its first line. */
function wholeList(what: (server: ServerView) => string | null): Check {
  return function* (server) {
    const text = what(server)
    if (text !== null) yield atFirstOf(server, 'server.', text)
  }
}

function atFirstOf(server: ServerView, prefix: string, what: string): Site {
  const first = server.listLines.find(({ key }) => key.startsWith(prefix))
  return first === undefined ? { entry: null, key: null, what } : server.atMember(first.key, what)
}

function* severalAddresses(server: ServerView): Iterable<Site> {
  for (const { id, endpoints } of server.members.servers) {
    if (endpoints.length > 1) yield server.atMember(`server.${id}`, `server ${id} has ${endpoints.length} addresses`)
  }
}

function isGivenToJvm(server: ServerView, property: string): boolean {
  return server.jvm?.properties.get(property) === 'true'
}

export function isLoopback(host: ServerLine['endpoints'][0]['host']): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
