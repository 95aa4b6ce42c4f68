/** Rules on the files of several servers of one ensemble, beside each other. */
import type { RuleId } from './rule-texts.ts'
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
        if (own !== theirs) yield differs(server, key, `${key} is ${own}, and ${theirs} in ${first.files.file}`)
      }
      const [own, theirs] = [listText(server), listText(first)]
      if (own !== theirs) yield differs(server, null, `the server list differs from that of ${first.files.file}`)
    }
  },
  'observer-master-differs': function* (servers) {
    const [first, ...others] = servers
    for (const server of first === undefined ? [] : others) {
      const [own, theirs] = [effective(server, 'observerMasterPort'), first && effective(first, 'observerMasterPort')]
      if (own !== theirs) {
        yield differs(
          server,
          'observerMasterPort',
          `observerMasterPort is ${own}, and ${theirs} in ${first?.files.file}`,
        )
      }
    }
  },
  'myid-used-twice': function* (servers) {
    const taken = new Map<number, string>()
    for (const server of servers) {
      const { myid } = server
      if (myid === null || server.id === null) continue
      const other = taken.get(server.id)
      taken.set(server.id, myid.file)
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

/** The list without what may differ between the files of one ensemble: a client part, the order of the lines. */
function listText(server: ServerView): string {
  const { servers, groups, weights } = server.members
  const lines = servers.map(({ id, role, endpoints }) => `${id} ${role} ${JSON.stringify(endpoints)}`)
  return JSON.stringify([lines, [...groups], [...weights]])
}
