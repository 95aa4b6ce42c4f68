import type { ClientConnection } from '../clients/client-connection.ts'
import type { AdminFacts } from './admin-facts.ts'

/**
 * The paths on which each connection has a data watch or a persistent one; child watches are not counted, as with Apache
 * (its `wchs`, `wchc` and `wchp` look at one of its two tables, and that is where those lie).
 */
export function watchedPaths(facts: AdminFacts): ReadonlyMap<ClientConnection, ReadonlySet<string>> {
  const { watches } = facts.sessions.service.tree
  const byConnection = new Map<ClientConnection, ReadonlySet<string>>()
  for (const connection of facts.sessions.connections()) {
    const paths = new Set<string>()
    for (const index of [watches.data, watches.persistent, watches.recursive]) {
      for (const path of index.pathsOf(connection) ?? []) paths.add(path)
    }
    if (paths.size > 0) byConnection.set(connection, paths)
  }
  return byConnection
}

/** The same, the other way round. */
export function watchersByPath(facts: AdminFacts): ReadonlyMap<string, readonly ClientConnection[]> {
  const byPath = new Map<string, ClientConnection[]>()
  for (const [connection, paths] of watchedPaths(facts)) {
    for (const path of paths) {
      const connections = byPath.get(path)
      if (connections === undefined) byPath.set(path, [connection])
      else connections.push(connection)
    }
  }
  return byPath
}

export interface WatchSummary {
  readonly connections: number
  readonly paths: number
  readonly watches: number
}

export function watchSummary(facts: AdminFacts): WatchSummary {
  let watches = 0
  const paths = new Set<string>()
  const byConnection = watchedPaths(facts)
  for (const watched of byConnection.values()) {
    watches += watched.size
    for (const path of watched) paths.add(path)
  }
  return { connections: byConnection.size, paths: paths.size, watches }
}
