/** Rules on the files of several servers of one ensemble, beside each other. */
import type { RuleId } from './rule-texts.ts'
import type { ServerLine } from '../server-line.ts'
import { isLoopback } from './checks-members.ts'
import { isWildcard } from './checks-ports.ts'
import type { Site } from './lint-rule.ts'
import type { ServerView } from './server-view.ts'

/** A site in the files of one of the servers. */
export interface EnsembleSite {
  readonly server: ServerView
  readonly site: Site
}

export type EnsembleCheck = (servers: readonly ServerView[]) => Iterable<EnsembleSite>

const EQUAL_KEYS = [
  'tickTime',
  'initLimit',
  'syncLimit',
  'reconfigEnabled',
  'jute.maxbuffer',
  'DigestAuthenticationProvider.digestAlg',
  'fips-mode',
]

export const ENSEMBLE_CHECKS: Partial<Record<RuleId, EnsembleCheck>> = {
  'quorum-settings-differ': function* (servers) {
    const [first, ...others] = servers
    if (first === undefined) return
    for (const server of others) {
      for (const key of EQUAL_KEYS) {
        const [own, theirs] = [effective(server, key), effective(first, key)]
        if (own !== theirs) yield differs(server, key, `${key} is ${own}, and ${theirs} in ${first.name}`)
      }
      yield* differingLists(server, first)
    }
  },
  'observer-master-differs': function* (servers) {
    const [first, ...others] = servers
    for (const server of first === undefined ? [] : others) {
      const [own, theirs] = [effective(server, 'observerMasterPort'), first && effective(first, 'observerMasterPort')]
      if (own !== theirs) {
        yield differs(server, 'observerMasterPort', `observerMasterPort is ${own}, and ${theirs} in ${first?.name}`)
      }
    }
  },
  'one-machine-clash': function* (servers) {
    if (!servers.every(isOnOneMachine)) return
    for (const key of ['clientPort', 'secureClientPort', 'dataDir', 'dataLogDir']) {
      const taken = new Map<string, string>()
      for (const server of servers) {
        const value = server.written(key)
        if (value === null) continue
        const other = taken.get(value)
        if (other === undefined) taken.set(value, server.name)
        else yield differs(server, key, `${key} is ${value}, as in ${other}`)
      }
    }
  },
  'myid-used-twice': function* (servers) {
    const taken = new Map<number, string>()
    for (const server of servers) {
      const { myid } = server
      if (myid === null || server.id === null) continue
      const other = taken.get(server.id)
      taken.set(server.id, server.files.made === undefined ? myid.file : server.name)
      const what = `${server.id} is in ${other} too`
      if (other !== undefined) yield { server, site: { entry: null, key: null, file: myid.file, what } }
    }
  },
}

function differs(server: ServerView, key: string | null, what: string): EnsembleSite {
  return { server, site: key === null ? { entry: null, key, what } : server.at(key, what) }
}

function effective(server: ServerView, key: string): string {
  return server.written(key) ?? String(server.defaultOf(key) ?? 'not set')
}

/** Of the lists nothing may differ but the client parts, the order of the lines, and a wildcard for oneself. */
function* differingLists(server: ServerView, first: ServerView): Iterable<EnsembleSite> {
  const what = `differs from the list of ${first.name}`
  const ids = new Set([...server.members.servers, ...first.members.servers].map(({ id }) => id))
  for (const id of [...ids].sort((one, other) => one - other)) {
    const [own, theirs] = [server, first].map((each) => each.members.servers.find((line) => line.id === id))
    if (own !== undefined && theirs !== undefined && isSameServer(own, theirs)) continue
    const key = `server.${id}`
    if (own !== undefined) yield { server, site: server.atMember(key, `${key} ${what}`) }
    else yield { server, site: { entry: null, key, what: `${key} is missing, which ${first.name} has` } }
  }
  const [own, theirs] = [server, first].map(({ members: { groups, weights } }) =>
    JSON.stringify([[...groups], [...weights]]),
  )
  if (own !== theirs) yield differs(server, null, `what it says of groups and weights ${what}`)
}

function isSameServer(one: ServerLine, other: ServerLine): boolean {
  const hosts = [one, other].map(({ endpoints }) => endpoints.map(({ host }) => host.toLowerCase()).join())
  const ports = [one, other].map(({ endpoints }) =>
    endpoints.map(({ quorumPort, electionPort }) => `${quorumPort}:${electionPort}`).join(),
  )
  const isHostSame = hosts[0] === hosts[1] || hosts.some((host) => isWildcard(host ?? null))
  return one.role === other.role && ports[0] === ports[1] && isHostSame
}

/** Every address is this machine's own: as in a tutorial, or in a test. */
function isOnOneMachine({ members }: ServerView): boolean {
  const hosts = members.servers.flatMap(({ endpoints }) => endpoints.map(({ host }) => host))
  return hosts.length > 0 && hosts.every(isLoopback)
}
