import type { LoggedEvent } from './server-event.ts'

const LINE = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/

/** The events in what a server of the built-in engine printed. */
export function eventsInBuiltinLog(text: string): LoggedEvent[] {
  const events: LoggedEvent[] = []
  let lost: { readonly wallMs: number } | null = null
  for (const line of text.split('\n')) {
    const [, time = '', note = ''] = LINE.exec(line) ?? []
    if (time === '') continue
    const wallMs = Date.parse(time)
    // Each of these is told when it is over.
    const snapshotMs = /^wrote a snapshot of slot \d+ in (\d+) ms/.exec(note)?.[1]
    if (snapshotMs !== undefined) events.push(ended('snapshot', wallMs, Number(snapshotMs), note))
    const syncMs = /^a sync of the log in .* took (\d+) ms/.exec(note)?.[1]
    if (syncMs !== undefined) events.push(ended('slow-sync', wallMs, Number(syncMs), `a sync took ${syncMs} ms`))
    if (note === 'not serving') lost ??= { wallMs }
    const role = /^serving as (\S+)/.exec(note)?.[1]
    if (role !== undefined && lost !== null) {
      const detail = `no leader, then serving as ${role}`
      events.push({ kind: 'election', wallMs: lost.wallMs, durationMs: wallMs - lost.wallMs, detail })
      lost = null
    }
  }
  if (lost !== null) events.push({ kind: 'election', wallMs: lost.wallMs, durationMs: null, detail: 'no leader' })
  return events
}

function ended(kind: LoggedEvent['kind'], endMs: number, durationMs: number, detail: string): LoggedEvent {
  return { kind, wallMs: endMs - durationMs, durationMs, detail }
}
