import type { Clock } from '../../kernel/ports.ts'
import type { PeerMessage } from './peer-message.ts'

interface Passage {
  readonly isSent: boolean
  readonly kind: PeerMessage['kind']
  readonly atMs: number
}

/** The last messages of one link, for the log when it breaks (`messageTracker.*`). */
export class MessageTrace {
  readonly #clock: Clock
  readonly #max: number
  /** The oldest stands at `#next` once there are as many as may be. */
  readonly #passages: Passage[] = []
  #next = 0

  /** @param max how many messages are kept, sent and received together */
  constructor(clock: Clock, max: number) {
    this.#clock = clock
    this.#max = max
  }

  sent(message: PeerMessage): void {
    this.#keep({ isSent: true, kind: message.kind, atMs: this.#clock.nowMs() })
  }

  received(message: PeerMessage): void {
    this.#keep({ isSent: false, kind: message.kind, atMs: this.#clock.nowMs() })
  }

  /** Oldest first, each with how long ago it was. */
  get text(): string {
    const nowMs = this.#clock.nowMs()
    const oldestFirst = [...this.#passages.slice(this.#next), ...this.#passages.slice(0, this.#next)]
    return oldestFirst
      .map(({ isSent, kind, atMs }) => `${isSent ? 'sent' : 'received'} ${kind} ${Math.round(nowMs - atMs)} ms before`)
      .join(', ')
  }

  #keep(passage: Passage): void {
    this.#passages[this.#next] = passage
    this.#next = (this.#next + 1) % this.#max
  }
}
