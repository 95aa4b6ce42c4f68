export type ServerEventKind = 'gc-pause' | 'snapshot' | 'slow-sync' | 'election'

/** Something that happened inside a server and that clients may have felt. */
export interface ServerEvent {
  /**
   * When it began, in milliseconds of `performance.now()` of the process that started the ensemble. It is taken from the
   * times in the server's log, so the wall clock's resolution (1 ms) and its jumps are in it.
   */
  readonly atMs: number
  readonly server: number
  readonly kind: ServerEventKind
  /** Null: it has not ended yet, or its log does not tell. */
  readonly durationMs: number | null
  /** A few words for people. */
  readonly detail: string
}

/** An event as a server's log tells it. */
export interface LoggedEvent extends Pick<ServerEvent, 'kind' | 'durationMs' | 'detail'> {
  /** When it began, in milliseconds since 1970. */
  readonly wallMs: number
}

/** @param server id of the one whose log it was */
export function serverEvents(server: number, logged: readonly LoggedEvent[]): ServerEvent[] {
  return logged.map(({ wallMs, kind, durationMs, detail }) => {
    return { atMs: wallMs - performance.timeOrigin, server, kind, durationMs, detail }
  })
}

/** Of all servers, by time. */
export function inOrder(events: readonly ServerEvent[]): ServerEvent[] {
  return events.toSorted((one, other) => one.atMs - other.atMs)
}
