/**
 * What a server of Apache says first when it opens a connection for elections: long version, long id, then its own
 * election address as int length and text (QuorumCnxManager.InitialMessage). A server with a higher id hangs up then, and dials
 * that address instead, past any relay: so the address has to become one that leads through the relay.
 */
const VERSIONS: ReadonlySet<bigint> = new Set([-65_536n, -65_535n])
const LENGTH_AT = 16
const TEXT_AT = 20
/** Apache takes no more for an address. */
const TEXT_MAX_BYTES = 2_048

/** The beginning of one such connection, with another address in it. */
export class ElectionGreeting {
  readonly #address: string
  /** Null: it is through. */
  #begun: Buffer | null = Buffer.alloc(0)

  /** @param address `host:port` by which the other end is to dial back */
  constructor(address: string) {
    this.#address = address
  }

  /** @returns what goes on of what has come so far; empty while the greeting is not complete */
  next(bytes: Buffer): Buffer {
    if (this.#begun === null) return bytes
    const begun = Buffer.concat([this.#begun, bytes])
    const sizeBytes = greetingBytes(begun)
    if (sizeBytes === null || begun.length < sizeBytes) {
      this.#begun = sizeBytes === null ? null : begun
      return sizeBytes === null ? begun : Buffer.alloc(0)
    }
    this.#begun = null
    const text = Buffer.from(this.#address, 'latin1')
    const head = Buffer.from(begun.subarray(0, TEXT_AT))
    head.writeInt32BE(text.length, LENGTH_AT)
    return Buffer.concat([head, text, begun.subarray(sizeBytes)])
  }

  /** What has come of a greeting that will not be completed. */
  rest(): Buffer {
    const begun = this.#begun ?? Buffer.alloc(0)
    this.#begun = null
    return begun
  }
}

/** @returns the size of the whole greeting, or of what is needed to know; null: it is none */
function greetingBytes(begun: Buffer): number | null {
  if (begun.length < 8) return 8
  if (!VERSIONS.has(begun.readBigInt64BE(0))) return null
  if (begun.length < TEXT_AT) return TEXT_AT
  const length = begun.readInt32BE(LENGTH_AT)
  return length <= 0 || length > TEXT_MAX_BYTES ? null : TEXT_AT + length
}
