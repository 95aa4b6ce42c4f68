import type { Socket } from 'node:net'
import type { ElectionGreeting } from './apache/election-greeting.ts'
import type { Prng } from '../kernel/prng.ts'
import type { PlannedLink } from '../profile/plan.ts'

/** What a packet of an Ethernet carries for TCP with time stamps (RFC 879, RFC 7323). */
const SEGMENT_BYTES = 1_448
/** Segments that have to come after a lost one for its sender to hear of it by their acknowledgements (RFC 5681). */
const SEGMENTS_BEHIND = 3
/** What Linux waits beyond the round trip before it sends again what nobody has acknowledged (TCP_RTO_MIN). */
const TIMEOUT_MIN_MS = 200
/** A line that loses even these is cut rather than lossy. */
const TRIES_MAX = 8
/** On its way in one direction of a connection; more waits at the sender, as with a full TCP window. */
const IN_FLIGHT_MAX_BYTES = 16 * 1024 * 1024

type Parcel =
  | { readonly kind: 'data'; readonly atMs: number; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly atMs: number }
  | { readonly kind: 'reset'; readonly atMs: number }

/**
 * One direction of a connection over a link: bytes, and how it ends, arrive in order and late. Each parcel takes the link's delay and up to its
 * jitter more, evenly drawn, and none overtakes another.
 */
export class LinkDirection {
  readonly #from: Socket
  readonly #to: Socket
  readonly #link: PlannedLink
  readonly #prng: Prng
  readonly #underWay: Parcel[] = []
  #inFlightBytes = 0
  #lastMs = 0
  #hasEnded = false
  #timer: NodeJS.Timeout | null = null

  /** Reads from the one and writes to the other, from now on. @param greeting what becomes of the beginning; null: nothing */
  constructor(from: Socket, to: Socket, link: PlannedLink, prng: Prng, greeting: ElectionGreeting | null) {
    this.#from = from
    this.#to = to
    this.#link = link
    this.#prng = prng
    from.on('data', (bytes: Buffer) => this.#onData(greeting === null ? bytes : greeting.next(bytes)))
    from.once('end', () => {
      this.#hasEnded = true
      if (greeting !== null) this.#onData(greeting.rest())
      this.#send({ kind: 'end', atMs: this.#arrivalMs(0) })
    })
    from.once('close', (hadError) => {
      if (hadError || !this.#hasEnded) this.#send({ kind: 'reset', atMs: this.#arrivalMs(0) })
    })
    to.once('close', () => {
      this.#underWay.length = 0
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = null
      from.resume() // what it still says is for nobody, but that it ends has to be heard
    })
    from.resume()
  }

  #onData(bytes: Buffer): void {
    if (this.#to.destroyed || bytes.length === 0) return
    this.#inFlightBytes += bytes.length
    if (this.#inFlightBytes > IN_FLIGHT_MAX_BYTES) this.#from.pause()
    this.#send({ kind: 'data', bytes, atMs: this.#arrivalMs(bytes.length) })
  }

  #arrivalMs(sizeBytes: number): number {
    const { delayMs, jitterMs } = this.#link
    const again = retransmissionMs(sizeBytes, this.#link, this.#prng)
    this.#lastMs = Math.max(this.#lastMs, performance.now() + delayMs + this.#prng.float() * jitterMs + again)
    return this.#lastMs
  }

  #send(parcel: Parcel): void {
    if (this.#to.destroyed) return
    this.#underWay.push(parcel)
    this.#arm()
  }

  #arm(): void {
    const [first] = this.#underWay
    if (this.#timer !== null || first === undefined) return
    this.#timer = setTimeout(() => this.#arrive(), Math.max(0, Math.ceil(first.atMs - performance.now())))
  }

  #arrive(): void {
    this.#timer = null
    // A timer may be a little early; the link must not be.
    for (let first = this.#underWay[0]; first !== undefined; first = this.#underWay[0]) {
      if (first.atMs > performance.now()) break
      this.#underWay.shift()
      if (first.kind === 'reset') return void this.#to.resetAndDestroy()
      if (first.kind === 'end') this.#to.end()
      else this.#deliver(first.bytes)
    }
    this.#arm()
  }

  #deliver(bytes: Buffer): void {
    this.#to.write(bytes)
    this.#inFlightBytes -= bytes.length
    if (this.#inFlightBytes <= IN_FLIGHT_MAX_BYTES && this.#from.isPaused()) this.#from.resume()
  }
}

/**
 * How much later bytes are there because the link lost some of them. A relay above TCP cannot lose anything: what it does
 * is what TCP makes of a loss, which is to send again. With enough behind it a lost segment costs a round trip, else
 * a timeout, which doubles each time that it is lost again. What is sent later waits for it, as in TCP; that the sender
 * slows down after a loss is left out.
 *
 * @returns milliseconds; 0 for nearly all
 */
export function retransmissionMs(
  sizeBytes: number,
  { delayMs, lossPercent }: Pick<PlannedLink, 'delayMs' | 'lossPercent'>,
  prng: Prng,
): number {
  if (lossPercent === 0) return 0
  const loss = lossPercent / 100
  const segments = Math.max(1, Math.ceil(sizeBytes / SEGMENT_BYTES))
  if (!prng.chance(1 - (1 - loss) ** segments)) return 0
  let timeoutMs = 2 * delayMs + TIMEOUT_MIN_MS
  let waitedMs = segments > SEGMENTS_BEHIND ? 2 * delayMs : timeoutMs
  for (let tries = 1; tries < TRIES_MAX && prng.chance(loss); tries++) {
    timeoutMs *= 2
    waitedMs += timeoutMs
  }
  return waitedMs
}
