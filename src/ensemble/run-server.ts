import type { ServerRole } from './ensemble.ts'
import { removeOrphanedNow } from './run-folders.ts'
import type { ServerMessage } from './server-message.ts'
import { ZktuneError } from '../kernel/errors.ts'

const STOP_DEADLINE_MS = 4_000

/** A server that runs in this process. */
export interface RunnableServer {
  /** Finishes what was acknowledged and lets go of ports and files. */
  stop(): Promise<void>
}

export interface ServerHooks {
  /** Each time it begins to serve. */
  onServing(role: ServerRole): void
  /** It can go on no more, and has stopped by itself. */
  onFatal(error: Error): void
}

export interface RunServerOptions {
  /** Begins to run the server; throws a ZktuneError when it refuses to. */
  readonly start: (hooks: ServerHooks) => RunnableServer | Promise<RunnableServer>
  /** Folders to remove once the server has stopped because its parent is gone. */
  readonly orphanRemoves: readonly string[]
  readonly onServing?: (role: ServerRole) => void
  /** Stops the server; with it the caller answers the process's signals. Without it they are answered here. */
  readonly signal?: AbortSignal
}

/**
 * Runs one server in this process until it is told to stop, the parent that started it is gone, or it fails. A parent that started it with a channel
 * is told over it when the server serves and why it fails.
 *
 * While that channel is open SIGINT is the parent's to answer: Ctrl-C reaches every process of a terminal at once, and a
 * server that left on its own would spoil the last figures of a run.
 *
 * @throws ZktuneError why it could not start or go on
 */
export async function runServer(options: RunServerOptions): Promise<void> {
  const { promise: ending, end } = endings(options.signal ?? null)
  try {
    const server = await options.start({
      onServing: (role) => {
        options.onServing?.(role)
        void tell({ kind: 'serving', role })
      },
      onFatal: (error) => end({ kind: 'failed', error }),
    })
    const ended = await ending
    if (ended.kind === 'failed') throw ended.error
    await stopWithin(STOP_DEADLINE_MS, server)
    if (ended.kind === 'orphaned') removeOrphanedNow(options.orphanRemoves)
  } catch (error) {
    const known = error instanceof ZktuneError ? error : unexpected(error)
    const { code, where, what, mend } = known
    await tell({ kind: 'failed', code, where, what, mend })
    throw known
  }
}

type Ending = { readonly kind: 'asked' | 'orphaned' } | { readonly kind: 'failed'; readonly error: Error }

/** Listens for everything that ends a server; the first one counts. */
function endings(signal: AbortSignal | null): {
  readonly promise: Promise<Ending>
  readonly end: (ending: Ending) => void
} {
  let end: (ending: Ending) => void = () => undefined
  const promise = new Promise<Ending>((resolve) => {
    end = resolve
  })
  process.once('disconnect', () => end({ kind: 'orphaned' }))
  // Whoever was started with a channel can send for good; a parent that went while this process came up has closed it already.
  if (process.send !== undefined && !process.connected) end({ kind: 'orphaned' })
  if (signal !== null) {
    if (signal.aborted) end({ kind: 'asked' })
    signal.addEventListener('abort', () => end({ kind: 'asked' }), { once: true })
    return { promise, end }
  }
  process.on('SIGTERM', () => end({ kind: 'asked' }))
  process.on('SIGINT', () => {
    if (!process.connected) end({ kind: 'asked' })
  })
  return { promise, end }
}

function unexpected(error: unknown): ZktuneError {
  return new ZktuneError('ServerFailed', {
    where: 'server',
    what: error instanceof Error ? (error.stack ?? error.message) : String(error),
    mend: 'This is a fault of zktune: please report it.',
    cause: error,
  })
}

/** Resolves once the message has left, or when there is nobody to tell. */
function tell(message: ServerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}

/** A server that hangs while it stops is left as it is: its log is made for processes that end at any moment. */
async function stopWithin(deadlineMs: number, server: RunnableServer): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs)
  })
  await Promise.race([server.stop(), late])
  clearTimeout(timer)
}
