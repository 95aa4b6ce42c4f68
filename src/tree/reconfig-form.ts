/**
 * Whether a reconfig is well formed, which Apache looks at before it asks who may change the members.
 *
 *   joiningServers   server.4=host:2888:3888:observer;2181, with commas between them; the port for clients must be there
 *   leavingServers   ids, with commas between them
 *   newMembers       the lines of a whole configuration, with commas or line ends between them
 *
 * A number that is none ends as MARSHALLINGERROR, everything else as BADARGUMENTS. Source: PrepRequestProcessor,
 * QuorumPeerConfig.parseDynamicConfig (Apache ZooKeeper 3.8); tried with 3.8.0.
 */
import type { ReconfigRequest } from '../protocol/reconfig.ts'
import { WireError } from '../protocol/wire-error.ts'

/** By id, whether each server only observes. */
type Members = Map<string, boolean>

/** Fewer voters than that are no ensemble (standaloneEnabled). */
const VOTERS_MIN = 2
const ID = /^[-+]?\d+$/
const ADDRESS = String.raw`(?:\[[^\]]+\]|[^:;|\s]+):\d+:\d+`
const ROLE = /:(participant|observer)$/i
const SERVER = new RegExp(
  String.raw`^(${ADDRESS}(?:\|${ADDRESS})*(?::(?:participant|observer))?)(;(?:(?:\[[^\]]+\]|[^:;|\s]+):)?\d+)?$`,
  'i',
)
/** Lines of newMembers beside those of servers. */
const OTHER_LINE = /^(?:group|weight|version)\b/

/** @returns ok, BADARGUMENTS or MARSHALLINGERROR */
export function reconfigFormError(request: ReconfigRequest, config: string): number {
  const { joiningServers, leavingServers, newMembers } = request
  if (newMembers !== null) return newMembersError(linesOf(newMembers.replaceAll(',', '\n'), '\n'))
  if (joiningServers === null && leavingServers === null) return WireError.ok
  const members: Members = new Map()
  for (const line of linesOf(config, '\n')) addServer(members, line, false)
  for (const id of linesOf(leavingServers ?? '', ',')) {
    if (!ID.test(id)) return WireError.marshallingError
    members.delete(String(Number(id)))
  }
  for (const line of linesOf(joiningServers ?? '', ',')) {
    const error = addServer(members, line, true)
    if (error !== WireError.ok) return error
  }
  return votersError(members)
}

function newMembersError(lines: readonly string[]): number {
  if (lines.length === 0) return WireError.marshallingError
  const members: Members = new Map()
  for (const line of lines) {
    if (OTHER_LINE.test(line)) continue
    if (!line.startsWith('server.')) return WireError.badArguments
    const error = addServer(members, line, false)
    if (error !== WireError.ok) return error
  }
  return votersError(members)
}

/** `server.4=host:2888:3888:observer;2181` */
function addServer(members: Members, line: string, needsClientPort: boolean): number {
  const [name = '', server = '', ...more] = line.split('=').map((part) => part.trim())
  if (server === '' || more.length > 0) return WireError.badArguments
  const id = name.slice(name.lastIndexOf('.') + 1)
  if (!ID.test(id)) return WireError.marshallingError
  const [, address, clientPort] = SERVER.exec(server) ?? []
  if (address === undefined || (needsClientPort && clientPort === undefined)) return WireError.badArguments
  members.set(String(Number(id)), ROLE.exec(address)?.[1]?.toLowerCase() === 'observer')
  return WireError.ok
}

function votersError(members: Members): number {
  const voters = [...members.values()].filter((isObserver) => !isObserver).length
  return voters < VOTERS_MIN ? WireError.badArguments : WireError.ok
}

function linesOf(text: string, separator: string): readonly string[] {
  return text.split(separator).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}
