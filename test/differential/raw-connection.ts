import { connect, type Socket } from 'node:net'

const NOTHING = Buffer.alloc(0)

/** One socket to a server: frames out as they are, frames in as they come. */
export class RawConnection {
  readonly #socket: Socket
  readonly #onFrame: (payload: Buffer) => void
  readonly #onClosed: () => void
  #rest: Buffer = NOTHING
  #isClosed = false
  /** The test of whoever waits, and what it calls. */
  #waiter: { readonly isOver: () => boolean; readonly wake: () => void } | null = null

  /**
   * @param onFrame called with each payload, in the order of their bytes
   * @param onClosed called once, when the server has closed (not when `cut` did)
   */
  constructor(port: number, onFrame: (payload: Buffer) => void, onClosed: () => void) {
    this.#onFrame = onFrame
    this.#onClosed = onClosed
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.#socket.on('data', (bytes) => this.#onData(bytes))
    this.#socket.on('error', () => undefined) // the close that follows says it
    this.#socket.on('close', () => this.#onClose())
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Closes without a word. */
  cut(): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  /** Waits until `isOver`, which is asked after every frame and at the end. @returns false at the deadline */
  async until(isOver: () => boolean, deadlineMs: number): Promise<boolean> {
    if (isOver()) return true
    return await new Promise((resolve) => {
      const end = (isInTime: boolean): void => {
        this.#waiter = null
        clearTimeout(deadline)
        resolve(isInTime)
      }
      const deadline = setTimeout(() => end(false), deadlineMs)
      this.#waiter = { isOver, wake: () => end(true) }
    })
  }

  #onData(bytes: Buffer): void {
    if (this.#isClosed) return
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (rest.length >= 4) {
      const length = rest.readInt32BE(0)
      if (rest.length < 4 + length) break
      this.#onFrame(rest.subarray(4, 4 + length))
      rest = rest.subarray(4 + length)
    }
    this.#rest = rest
    this.#check()
  }

  #onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#onClosed()
    this.#check()
  }

  #check(): void {
    if (this.#waiter?.isOver() === true) this.#waiter.wake()
  }
}
