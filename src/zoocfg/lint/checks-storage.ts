/** Rules on folders, the log, snapshots, and what makes a write durable. */
import { javaLong } from '../java-number.ts'
import { onKey, onNumber, onWord } from './check.ts'
import type { Check, Checks } from './check.ts'
import { hintOf } from './hint.ts'
import type { FolderFacts } from './host-facts.ts'
import type { ServerView } from './server-view.ts'

const VOLATILE_PATHS = /^(\/tmp|\/var\/tmp|\/dev\/shm)(\/|$)/
const VOLATILE_FILE_SYSTEMS = ['tmpfs', 'ramfs']
const JUTE_MAX_BUFFER_LARGE_BYTES = 4 * 1024 * 1024

export const STORAGE_CHECKS: Checks = {
  'datadir-unset': function* (server) {
    if ((server.written('dataDir') ?? '') === '') yield server.at('dataDir', 'dataDir is not set')
  },
  'datadir-not-creatable': eachFolder((key, path, facts) =>
    facts !== null && !facts.isWritable ? `${key} is ${path}, where nothing can be written` : null,
  ),
  'datadir-missing-autocreate-off': eachFolder((key, path, facts, server) =>
    server.written('datadir.autocreate') === 'false' && facts !== null && facts.dataFiles === null
      ? `${key} is ${path}, and there is no ${path}/version-2`
      : null,
  ),
  'snapshots-in-log-dir': onKey('dataLogDir', (server) =>
    isSplit(server) && filesIn(server.dataLogDir, 'snapshot.').length > 0
      ? `${server.written('dataLogDir')}/version-2 has snapshots`
      : null,
  ),
  'logs-in-snap-dir': onKey('dataDir', (server) =>
    isSplit(server) && filesIn(server.dataDir, 'log.').length > 0
      ? `${server.written('dataDir')}/version-2 has transaction logs`
      : null,
  ),
  'logs-without-snapshot': onKey('dataDir', (server) => {
    const { dataDir, dataLogDir } = server
    const hasLogs = filesIn(isSplit(server) ? dataLogDir : dataDir, 'log.').length > 0
    const isTrusted = server.isTrue('snapshot.trust.empty')
    return dataDir !== null && hasLogs && filesIn(dataDir, 'snapshot.').length === 0 && !isTrusted
      ? 'there are transaction logs and no snapshot'
      : null
  }),
  'log-dir-shared': onKey('dataLogDir', (server) => {
    if (!isSplit(server)) return 'the transaction log shares its folder with the snapshots'
    const { dataDir, dataLogDir } = server
    const isShared = dataDir !== null && dataLogDir !== null && dataDir.device === dataLogDir.device
    return isShared ? 'dataLogDir and dataDir are on one device' : null
  }),
  'data-dir-volatile': eachFolder((key, path, facts) => {
    if (VOLATILE_PATHS.test(path)) return `${key} is ${path}`
    const fileSystem = facts?.fileSystem ?? ''
    return VOLATILE_FILE_SYSTEMS.includes(fileSystem) ? `${key} is ${path}, on ${fileSystem}` : null
  }),
  'data-dir-relative': eachFolder((key, path) =>
    path !== '' && !path.startsWith('/') && !path.startsWith('./') && !/^[A-Za-z]:/.test(path)
      ? `${key} is ${path}, a relative path${hintOf(path)}`
      : null,
  ),
  'autopurge-disabled': onKey('autopurge.purgeInterval', (server) => {
    const written = server.written('autopurge.purgeInterval')
    if (written !== null && javaLong(written) === null) return null // has a rule of its own
    const hours = server.number('autopurge.purgeInterval') ?? 0
    return hours <= 0 ? 'nothing deletes old snapshots and logs' : null
  }),
  'snapcount-extreme': onNumber('snapCount', (value) => value >= 2 && (value < 1_000 || value > 10_000_000)),
  'log-size-limit-near-prealloc': onNumber(
    'txnLogSizeLimitInKb',
    (value, server) => value > 0 && value < 2 * (server.number('preAllocSize') ?? 65_536),
    'less than twice preAllocSize',
  ),
  'force-sync-off': onWord('forceSync', ['no']),
  'flush-delay-long': onNumber('flushDelay', (value) => value > 50),
  'write-queue-poll-without-flush-delay': onKey('maxWriteQueuePollTime', (server) =>
    server.line('maxWriteQueuePollTime') !== null && (server.number('flushDelay') ?? 0) === 0
      ? 'maxWriteQueuePollTime is set and flushDelay is 0'
      : null,
  ),
  'db-autocreate-on': onKey('db.autocreate', (server) =>
    server.isDistributed && server.written('db.autocreate')?.toLowerCase() !== 'false'
      ? 'a server with an empty folder joins as an empty one'
      : null,
  ),
  'trust-empty-left-on': onWord('snapshot.trust.empty', ['true']),
  'digest-off': onWord('digest.enabled', ['false']),
  'maxbuffer-large': onNumber('jute.maxbuffer', (bytes) => bytes > JUTE_MAX_BUFFER_LARGE_BYTES),
}

function eachFolder(
  look: (key: string, path: string, facts: FolderFacts | null, server: ServerView) => string | null,
): Check {
  return function* (server) {
    for (const key of ['dataDir', 'dataLogDir'] as const) {
      const path = server.written(key)
      const what = path === null ? null : look(key, path, server[key], server)
      if (what !== null) yield server.at(key, what)
    }
  }
}

function isSplit(server: ServerView): boolean {
  const log = server.written('dataLogDir')
  return log !== null && log !== '' && log !== server.written('dataDir')
}

function filesIn(folder: FolderFacts | null, prefix: string): readonly string[] {
  return (folder?.dataFiles ?? []).filter((name) => name.startsWith(prefix))
}
