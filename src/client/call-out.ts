/**
 * Calls what the user gave. If it throws, the error surfaces as an uncaught one, yet outside of the client, whose own
 * work goes on: it was in the middle of a frame.
 */
export function callOut<T>(callback: (value: T) => void, value: T): void {
  try {
    callback(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
