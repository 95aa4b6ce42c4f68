import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * reconfig (op code 16): change the members of the ensemble. The reply is that of getData on `/zookeeper/config`.
 *
 *   request   joiningServers: ustring · leavingServers: ustring · newMembers: ustring · curConfigId: long
 *   response  data: buffer · stat: Stat
 *
 * Source: zookeeper.jute, ReconfigRequest (Apache ZooKeeper 3.9).
 */
export interface ReconfigRequest {
  /** `server.N=…`, separated by commas; null for none. */
  readonly joiningServers: string | null
  /** Ids, separated by commas; null for none. */
  readonly leavingServers: string | null
  /** A whole new configuration in place of the other two; null for none. */
  readonly newMembers: string | null
  /** The version that the change is meant for, clamped to the safe range; -1 for any. */
  readonly curConfigId: number
}

export function writeReconfigRequest(out: ByteWriter, request: ReconfigRequest): void {
  out.string(request.joiningServers).string(request.leavingServers).string(request.newMembers)
  out.safeLong(request.curConfigId)
}

export function readReconfigRequest(from: ByteReader): ReconfigRequest {
  return {
    joiningServers: from.nullableString('reconfig.joiningServers'),
    leavingServers: from.nullableString('reconfig.leavingServers'),
    newMembers: from.nullableString('reconfig.newMembers'),
    curConfigId: from.clampedLong('reconfig.curConfigId'),
  }
}
