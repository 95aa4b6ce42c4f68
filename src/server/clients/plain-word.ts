/** The one four letter word with something behind it: stmk, and a long. */
const WORD_WITH_ARGUMENT = Buffer.from('stmk').readInt32BE(0)
const ARGUMENT_SIZE_BYTES = 8

/** What came instead of a first frame: four letters that an administrator typed, or what somebody else speaks. */
export class PlainWord {
  /** The four bytes as a number, as they were read. */
  readonly number: number
  #argument: Buffer

  /** @param argument what came behind it, kept */
  constructor(number: number, argument: Buffer) {
    this.number = number
    this.#argument = argument
  }

  get argument(): Buffer {
    return this.#argument
  }

  /** Nothing else has to come before it can be answered. */
  get isWhole(): boolean {
    return this.number !== WORD_WITH_ARGUMENT || this.#argument.length >= ARGUMENT_SIZE_BYTES
  }

  /** The head of a TLS handshake record: type 22, version 3.x. */
  get looksLikeTls(): boolean {
    return this.number >>> 16 === 0x1603
  }

  push(bytes: Buffer): void {
    this.#argument = Buffer.concat([this.#argument, bytes])
  }
}
