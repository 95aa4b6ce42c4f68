import { DecodeError, type ByteReader, type ByteWriter } from '../kernel/bytes.ts'

/**
 * whoAmI (op code 107): the identities of the connection. The request is its header alone.
 *
 *   response  clientInfo: vector<ClientInfo { authScheme: ustring · user: ustring }>
 *
 * Source: zookeeper.jute, WhoAmIResponse and ClientInfo (Apache ZooKeeper 3.9).
 */
export interface ClientInfo {
  readonly scheme: string
  /** For digest the name alone, without its hash. */
  readonly user: string
}

const CLIENT_INFO_SIZE_MIN = 8

export function writeWhoAmIResponse(out: ByteWriter, infos: readonly ClientInfo[]): void {
  out.int32(infos.length)
  for (const info of infos) out.string(info.scheme).string(info.user)
}

export function readWhoAmIResponse(from: ByteReader): ClientInfo[] {
  const count = from.count('whoAmI.clientInfo', CLIENT_INFO_SIZE_MIN)
  if (count === -1) throw new DecodeError('whoAmI.clientInfo is null')
  const infos: ClientInfo[] = []
  for (let index = 0; index < count; index++) {
    infos.push({ scheme: from.string('clientInfo.authScheme'), user: from.string('clientInfo.user') })
  }
  return infos
}
