import { ServerView } from './server-view.ts'
import type { ServerFiles } from './server-view.ts'
import type { Release } from '../release.ts'

/**
 * Which files describe servers of one ensemble: those whose server lists have an address in common. A file without a
 * list stands alone.
 */
export function ensemblesOf(files: readonly ServerFiles[], release: Release): readonly (readonly ServerFiles[])[] {
  const ensembles: { readonly members: ServerFiles[]; readonly addresses: Set<string> }[] = []
  for (const each of files) {
    const addresses = addressesIn(each, release)
    const known = ensembles.filter((ensemble) => [...addresses].some((address) => ensemble.addresses.has(address)))
    const [first, ...others] = known
    if (first === undefined) {
      ensembles.push({ members: [each], addresses })
      continue
    }
    // This list may join what looked like two ensembles.
    for (const other of others) {
      first.members.push(...other.members)
      for (const address of other.addresses) first.addresses.add(address)
      ensembles.splice(ensembles.indexOf(other), 1)
    }
    first.members.push(each)
    for (const address of addresses) first.addresses.add(address)
  }
  return ensembles.map(({ members }) => members)
}

function addressesIn(files: ServerFiles, release: Release): Set<string> {
  const { servers } = new ServerView(files, release).members
  return new Set(
    servers.flatMap(({ endpoints }) => endpoints.map(({ host, quorumPort }) => `${host.toLowerCase()}:${quorumPort}`)),
  )
}
