import type { Socket } from 'node:net'

/** As much as libuv asks the system for at a time. */
const READ_SIZE_BYTES = 64 * 1024

/** Where every read of this process goes, made with the first: one buffer does, for what it holds is used up within a turn. */
let shared: Buffer | null = null

/** What a socket of node:net has beside what is documented: the handle of the system's stream, from libuv. */
interface StreamHandle {
  useUserBuffer?(buffer: Uint8Array): void
}

/**
 * Makes a socket read into one buffer that all such sockets share, and call back with what has come. By events each read
 * gets memory of its own, 64 KiB that shrink to what came, and goes through a stream's queue: 1 to 6 µs more a read, and
 * work for the garbage collector (docs/performance.md).
 *
 * For a socket that connects, `onread` of node:net does this. For one that was accepted nothing documented does: so here
 * is set, for both, what that option sets.
 *
 * @param onBytes gets a view that is true during the call
 * @returns false, and nothing is changed, when it cannot be had: something was read already, or this version of Node is
 *   made in another way
 */
export function shareReads(socket: Socket, onBytes: (bytes: Buffer) => void): boolean {
  const handle = (socket as { readonly _handle?: StreamHandle | null })._handle
  const [bufferKey, callbackKey] = ['kBuffer', 'kBufferCb'].map((name) => symbolOf(socket, name))
  if (bufferKey === undefined || callbackKey === undefined || socket.readableLength > 0) return false
  if (typeof handle?.useUserBuffer !== 'function') return false

  const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_SIZE_BYTES))
  handle.useUserBuffer(buffer)
  Object.assign(socket, {
    [bufferKey]: buffer,
    [callbackKey]: (size: number): true => {
      onBytes(buffer.subarray(0, size))
      return true // Reading goes on, unless the socket was paused meanwhile.
    },
  })
  return true
}

function symbolOf(socket: Socket, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === description)
}
