/** Keys of Apache's `mntr` that ours does not have, by the reason. `<n>` stands for ids and names of znodes. */
export const ONLY_APACHE: readonly (readonly [reason: string, keys: RegExp])[] = [
  [
    'there is no chain of request processors',
    /prep_process|sync_process|commit_process|commit_proc_|_commitproc_|_final_proc_|final_processor|session_queue|session_queues|requests_not_forwarded|request_commit_queued|outstanding_changes|write_committed_time|skip_learner_request|learner_request_processor|request_throttle_queue_time|close_session_prep_time/,
  ],
  [
    'a follower is told in batches what was chosen',
    /learner_(proposal|commit)_received_count|commit_propagation_latency/,
  ],
  [
    'proposals are timed together with their syncs',
    /proposal_latency|proposal_ack_creation|quorum_ack_latency|proposal_process_time/,
  ],
  ['no thread waits in a queue of its own for each learner', /learner_handler_qp/],
  ['observers have no masters', /om_(commit|proposal)_process|observer_master_id/],
  ['watches are kept without dead watchers to be cleared', /dead_watcher/],
  ['replies are not cached', /response_packet_/],
  ['watches that fire are not counted by kind', /node_(created|deleted|changed|children)_watch_count|watch_bytes/],
  ['reads and writes are not counted by namespace: that would cost every request', /_(read|write)_per_namespace$/],
  ['there is no Netty, and no Java machine', /netty_queued|jvm_pause_time|socket_closing_time/],
  ['there is no ensemble authentication provider', /ensemble_auth_/],
  [
    'learners are not synchronised by diffs and snapshots that count as such',
    /diff_count|inflight_(diff|snap)|_sync_time$/,
  ],
  ['no connection waits for a token', /connection_token_deficit/],
  ['the AdminServer takes nothing that it would refuse in the clear', /insecure_admin_count/],
  ['replies to closed connections are not looked for', /stale_replies/],
  ['the session of a client that comes back is the leader’s affair alone', /^revalidate_count$/],
  ['a leader that hears of no quorum steps down, disloyal or not', /quit_leading_due_to_disloyal_voter/],
  ['an error that cannot be recovered ends the server', /unrecoverable_error_count/],
  ['it is part of unavailable_time', /leader_unavailable_time/],
]

/** Keys that Apache 3.8.0 does not have. */
export const ONLY_OURS: readonly (readonly [reason: string, keys: RegExp])[] = [
  ["Apache's main branch has them", /^op_count_/],
  ['Apache has it in other places', /^fsync_threshold_exceed_count$/],
  ['soft quotas are told in the log, and counted', /^quota_exceeded_tolerated$/],
]

/** The keys of mntr's text without `zk_`, those of one summary as one. */
export function monitorKeys(text: string): Map<string, string> {
  const keys = new Map<string, string>()
  for (const line of text.trimEnd().split('\n')) {
    const [key = '', value = ''] = line.split('\t')
    const name = key.replace(/^zk_/, '').replace(/^(?:avg|cnt|sum|p\d+)_(?=.)/, 'summary_')
    keys.set(name, /^-?\d+$/.test(value) ? 'int' : /^-?\d+\.\d+/.test(value) ? 'double' : 'text')
  }
  return keys
}
