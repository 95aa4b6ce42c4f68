import { expect, test } from 'vitest'
import { eventsInApacheLog, pausesInGcLog } from '../../../src/ensemble/apache/apache-log.ts'

const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`)

/** Lines of a server of 3.8.0, by slf4j-simple as its class path on Debian has it; the sync is written by hand after FileTxnLog. */
const LOG = `2026-11-22T10:00:00.009+0000 [main] INFO FileTxnSnapLog - Snapshotting: 0x0 to /d/version-2/snapshot.0
2026-11-22T10:00:00.055+0000 [main] INFO ZKDatabase - Snapshot loaded in 108 ms, highest zxid is 0x0, digest is 1371985504
2026-11-22T10:00:00.438+0000 [QuorumPeer[myid=3](plain=127.0.0.1:18770)(secure=disabled)] INFO QuorumPeer - LOOKING
2026-11-22T10:00:00.494+0000 [WorkerReceiver[myid=3]] INFO FastLeaderElection - Notification: my state:LOOKING; n.sid:3, n.state:LOOKING
2026-11-22T10:00:01.117+0000 [QuorumPeer[myid=3](plain=127.0.0.1:18770)(secure=disabled)] INFO Leader - LEADING - LEADER ELECTION TOOK - 679 MS
2026-11-22T10:00:01.129+0000 [QuorumPeer[myid=3](plain=127.0.0.1:18770)(secure=disabled)] INFO FileTxnSnapLog - Snapshotting: 0x0 to /d/version-2/snapshot.0
2026-11-22T10:00:01.131+0000 [QuorumPeer[myid=3](plain=127.0.0.1:18770)(secure=disabled)] INFO ZooKeeperServer - Snapshot taken in 2 ms
java.lang.NoClassDefFoundError: javax/servlet/Servlet
	at java.base/java.lang.Class.forName0(Native Method)
2026-11-22T10:00:09.500+0000 [SyncThread:3] WARN FileTxnLog - fsync-ing the write ahead log in SyncThread:3 took 1500ms which will adversely effect operation latency.File size is 67108880 bytes. See the ZooKeeper troubleshooting guide
2026-11-22T12:00:20.000+0200 [QuorumPeer[myid=3]] INFO QuorumPeer - LOOKING
2026-11-22T12:00:20.250+0200 [QuorumPeer[myid=3]] INFO Learner - FOLLOWING - LEADER ELECTION TOOK - 240 MS
2026-11-22T10:00:30.000+0000 [Snapshot Thread] INFO FileTxnSnapLog - Snapshotting: 0x1000f to /d/version-2/snapshot.1000f
`

test('the log of a server tells of snapshots, slow syncs and elections after its start', () => {
  expect(eventsInApacheLog(LOG)).toEqual([
    { kind: 'snapshot', wallMs: at('10:00:01.129'), durationMs: 2, detail: 'snapshot of zxid 0x0' },
    { kind: 'slow-sync', wallMs: at('10:00:08.000'), durationMs: 1500, detail: 'a sync took 1500 ms' },
    { kind: 'election', wallMs: at('10:00:20.000'), durationMs: 250, detail: 'no leader, then following' },
    { kind: 'snapshot', wallMs: at('10:00:30.000'), durationMs: null, detail: 'snapshot of zxid 0x1000f' },
  ])
})

test('log4j and logback pad the level, which changes nothing', () => {
  const line = '2026-11-22T10:00:00.500+0000 INFO  [SyncThread:0:ZooKeeperServer] Snapshotting: 0x5 to /d/snapshot.5\n'
  expect(eventsInApacheLog(line)).toMatchObject([{ kind: 'snapshot', wallMs: at('10:00:00.500') }])
})

test('the pauses of the collector are told from its own log, that of Java 17 and that of Java 8', () => {
  const unified = `[2026-11-22T10:00:00.000+0000] Using G1
[2026-11-22T10:00:03.020+0000] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 12M->4M(256M) 11.500ms
[2026-11-22T10:00:03.500+0000] GC(1) Concurrent Mark Cycle 120.000ms
[2026-11-22T10:00:04.000+0000] GC(1) Pause Remark 20M->20M(256M) 2.000ms
`
  expect(pausesInGcLog(unified)).toEqual([
    {
      kind: 'gc-pause',
      wallMs: at('10:00:03.020') - 11.5,
      durationMs: 11.5,
      detail: 'Pause Young (Normal) (G1 Evacuation Pause) 12M->4M(256M)',
    },
    { kind: 'gc-pause', wallMs: at('10:00:04.000') - 2, durationMs: 2, detail: 'Pause Remark 20M->20M(256M)' },
  ])
  const java8 = `2026-11-22T11:00:03.020+0100: 1.234: [GC (Allocation Failure)  65536K->10720K(251392K), 0.0125000 secs]
2026-11-22T11:00:05.000+0100: 3.000: [Full GC (System.gc())  10720K->9000K(251392K), 0.5000000 secs]
`
  expect(pausesInGcLog(java8)).toEqual([
    {
      kind: 'gc-pause',
      wallMs: at('10:00:03.020') - 12.5,
      durationMs: 12.5,
      detail: 'GC (Allocation Failure) 65536K->10720K(251392K)',
    },
    {
      kind: 'gc-pause',
      wallMs: at('10:00:05.000') - 500,
      durationMs: 500,
      detail: 'Full GC (System.gc()) 10720K->9000K(251392K)',
    },
  ])
})
