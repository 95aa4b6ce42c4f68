import type { ByteReader } from '../../kernel/bytes.ts'
import type { AuthId } from '../../tree/credentials.ts'
import type { Reader } from '../../tree/reads.ts'
import type { Watcher } from '../../tree/watch-index.ts'
import type { ServerSettings } from '../settings.ts'
import { ClientIdentities } from './client-auth.ts'
import { commandFlagsOf } from './command-flags.ts'

/** In whose name a connection's requests run: as reads ask for it, and as commands carry it. */
export class Caller implements Reader {
  isSuper = false
  readonly skipAcl = false
  sessionHigh = 0
  sessionLow = 0
  readonly watcher: Watcher
  /** The header of the next command: only what differs between commands is set anew. */
  readonly command
  readonly #identities: ClientIdentities

  /**
   * @param address of the client
   * @param connection this server's number for it
   * @param watcher hears of the watches that the connection sets
   */
  constructor(settings: ServerSettings, address: string, connection: number, watcher: Watcher) {
    this.watcher = watcher
    this.#identities = new ClientIdentities(address)
    this.command = {
      flags: commandFlagsOf(settings.tree),
      origin: settings.id,
      type: 0,
      requestNumber: 0,
      connection,
      sessionHigh: 0,
      sessionLow: 0,
      cxid: 0,
      ids: this.#identities.encoded,
    }
  }

  get ids(): readonly AuthId[] {
    return this.#identities.ids
  }

  setSession(high: number, low: number): void {
    this.sessionHigh = this.command.sessionHigh = high
    this.sessionLow = this.command.sessionLow = low
  }

  /**
   * Takes an auth packet.
   *
   * @param from at the request record
   * @returns false when it proves nothing: the server answers AUTHFAILED and closes
   */
  authenticate(from: ByteReader): boolean {
    if (!this.#identities.authenticate(from)) return false
    this.command.ids = this.#identities.encoded
    return true
  }
}
