import type { LoggedEvent } from '../server-event.ts'

const TIMED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})([+-]\d\d)(\d\d) (.*)$/
/** `[2026-11-22T10:00:00.123+0000] GC(3) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.456ms` */
const UNIFIED_GC =
  /^\[([\d:.T-]+)([+-]\d\d)(\d\d)\] GC\(\d+\) (Pause .*?) (\d+[BKMG]->\d+[BKMG]\(\d+[BKMG]\)) ([\d.]+)ms$/
/** Java 8: `2026-11-22T10:00:00.123+0000: 1.234: [GC (Allocation Failure)  65536K->10720K(251392K), 0.0123456 secs]` */
const JAVA_8_GC =
  /^([\d:.T-]+)([+-]\d\d)(\d\d): [\d.]+: \[((?:Full )?GC \(.*?\)) +(\d+K->\d+K\(\d+K\)), ([\d.]+) secs\]/

/** The events in what a ZooKeeper server of 3.5 to 3.9 printed. Source: FileTxnSnapLog, ZooKeeperServer, FileTxnLog, QuorumPeer. */
export function eventsInApacheLog(text: string): LoggedEvent[] {
  const events: LoggedEvent[] = []
  let snapshot: { readonly wallMs: number; readonly detail: string } | null = null
  let lookingMs: number | null = null
  let isFirstElection = true
  for (const line of text.split('\n')) {
    const [, time = '', hours = '', minutes = '', entry = ''] = TIMED.exec(line) ?? []
    if (time === '') continue
    const wallMs = Date.parse(`${time}${hours}:${minutes}`)
    const begun = /\bSnapshotting: (0x[0-9a-f]+) to /.exec(entry)?.[1]
    if (begun !== undefined) {
      // Releases before 3.6 do not tell the end.
      if (snapshot !== null) events.push({ kind: 'snapshot', durationMs: null, ...snapshot })
      snapshot = { wallMs, detail: `snapshot of zxid ${begun}` }
    }
    // An empty data folder gets one while it is loaded, before there is anybody to feel it.
    if (/\bSnapshot loaded in \d+ ms/.test(entry)) snapshot = null
    const tookMs = /\bSnapshot taken in (\d+) ms/.exec(entry)?.[1]
    if (tookMs !== undefined && snapshot !== null) {
      events.push({ kind: 'snapshot', durationMs: Number(tookMs), ...snapshot })
      snapshot = null
    }
    const syncMs = /\bfsync-ing the write ahead log in \S+ took (\d+)ms/.exec(entry)?.[1]
    if (syncMs !== undefined) {
      const detail = `a sync took ${syncMs} ms`
      events.push({ kind: 'slow-sync', wallMs: wallMs - Number(syncMs), durationMs: Number(syncMs), detail })
    }
    if (entry.endsWith(' LOOKING')) lookingMs ??= wallMs
    const role = /\b(LEADING|FOLLOWING|OBSERVING) - LEADER ELECTION TOOK - \d+/.exec(entry)?.[1]
    if (role !== undefined && lookingMs !== null) {
      const detail = `no leader, then ${role.toLowerCase()}`
      // The first election of a process is part of its start.
      if (!isFirstElection) events.push({ kind: 'election', wallMs: lookingMs, durationMs: wallMs - lookingMs, detail })
      isFirstElection = false
      lookingMs = null
    }
  }
  if (snapshot !== null) events.push({ kind: 'snapshot', durationMs: null, ...snapshot })
  if (lookingMs !== null && !isFirstElection) {
    events.push({ kind: 'election', wallMs: lookingMs, durationMs: null, detail: 'no leader' })
  }
  return events
}

/** The pauses in the log of a JVM's collector, which tells each when it is over. */
export function pausesInGcLog(text: string): LoggedEvent[] {
  const pauses: LoggedEvent[] = []
  for (const line of text.split('\n')) {
    const unified = UNIFIED_GC.exec(line)
    const [, time, hours, minutes, what = '', sizes = '', length] = unified ?? JAVA_8_GC.exec(line) ?? []
    if (time === undefined || length === undefined) continue
    const durationMs = unified === null ? Number(length) * 1_000 : Number(length)
    const endMs = Date.parse(`${time}${hours}:${minutes}`)
    pauses.push({ kind: 'gc-pause', wallMs: endMs - durationMs, durationMs, detail: `${what} ${sizes}` })
  }
  return pauses
}
