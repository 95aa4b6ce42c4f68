import type { ByteReader } from '../../kernel/bytes.ts'
import { COMMAND_FLAG } from '../../tree/command.ts'
import type { AuthId } from '../../tree/credentials.ts'
import type { Reader } from '../../tree/reads.ts'
import type { Watcher } from '../../tree/watch-index.ts'
import type { ServerSettings } from '../settings.ts'
import { ClientIdentities } from './client-auth.ts'
import { commandFlagsOf } from './command-flags.ts'

/** In whose name a connection's requests run: as reads ask for it, and as commands carry it. */
export class Caller implements Reader {
  isSuper = false
  readonly skipAcl: boolean
  sessionHigh = 0
  sessionLow = 0
  readonly watcher: Watcher
  /** Who is not must prove who it is, before it may do anything else. */
  isAdmitted: boolean
  /** The session is this server's own: no other knows it. */
  isLocal = false
  /** The session was given by a server in read-only mode: it may change nothing. */
  isReader = false
  /** The header of the next command: only what differs between commands is set anew. */
  readonly command
  readonly #requiredSchemes: readonly string[]
  readonly #identities: ClientIdentities

  /**
   * @param address of the client
   * @param connection this server's number for it
   * @param watcher hears of the watches that the connection sets
   */
  constructor(settings: ServerSettings, address: string, connection: number, watcher: Watcher) {
    const { skipAcl, digest, requiredSchemes } = settings.security
    this.skipAcl = skipAcl
    this.watcher = watcher
    this.#requiredSchemes = requiredSchemes
    this.#identities = new ClientIdentities(address, digest)
    this.command = {
      flags: flagsOf(settings),
      origin: settings.id,
      type: 0,
      requestNumber: 0,
      connection,
      sessionHigh: 0,
      sessionLow: 0,
      cxid: 0,
      ids: this.#identities.encoded,
    }
    this.isAdmitted = this.#mayAsk()
  }

  get ids(): readonly AuthId[] {
    return this.#identities.ids
  }

  setSession(high: number, low: number, isLocal: boolean): void {
    this.sessionHigh = this.command.sessionHigh = high
    this.sessionLow = this.command.sessionLow = low
    this.isLocal = isLocal
    if (isLocal) this.command.flags |= COMMAND_FLAG.localSession
  }

  /** The session is known to all servers now. */
  onUpgraded(): void {
    this.isLocal = false
    this.command.flags &= ~COMMAND_FLAG.localSession
  }

  /**
   * Takes an auth packet.
   *
   * @param from at the request record
   * @returns false when it proves nothing: the server answers AUTHFAILED and closes
   */
  authenticate(from: ByteReader): boolean {
    const isProved = this.#identities.authenticate(from)
    this.#onIdentities()
    return isProved
  }

  /**
   * Takes an id that the transport has proved, such as the name in a client's certificate (scheme `x509`).
   *
   * @param isSuper its owner is above all access lists
   * @returns false when the ids would no longer fit into a command
   */
  addProved(identity: AuthId, isSuper = false): boolean {
    const isAdded = this.#identities.add(identity) && (!isSuper || this.#identities.addSuper())
    this.#onIdentities()
    return isAdded
  }

  #onIdentities(): void {
    this.command.ids = this.#identities.encoded
    this.isSuper = this.#identities.isSuper
    if (this.isSuper) this.command.flags |= COMMAND_FLAG.super
    this.isAdmitted = this.#mayAsk()
  }

  #mayAsk(): boolean {
    return this.#requiredSchemes.length === 0 || this.#identities.hasAnyOf(this.#requiredSchemes)
  }
}

function flagsOf({ security, tree, secureClient }: ServerSettings): number {
  return (
    (secureClient === null ? 0 : COMMAND_FLAG.x509) |
    (security.skipAcl ? COMMAND_FLAG.skipAcl : 0) |
    commandFlagsOf(tree)
  )
}
