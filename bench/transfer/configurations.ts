/** Settings that both engines act on, from hardly felt to crippling. */
export const CONFIGURATIONS: readonly { readonly name: string; readonly settings: Readonly<Record<string, string>> }[] =
  [
    { name: 'default', settings: {} },
    { name: 'batch of 1', settings: { maxBatchSize: '1' } },
    { name: 'batch of 10', settings: { maxBatchSize: '10' } },
    { name: 'batch of 100', settings: { maxBatchSize: '100' } },
    { name: 'flush delay 5', settings: { flushDelay: '5', maxWriteQueuePollTime: '2' } },
    { name: 'flush delay 20', settings: { flushDelay: '20', maxWriteQueuePollTime: '20' } },
    { name: 'queue of 2', settings: { globalOutstandingLimit: '2' } },
    { name: 'queue of 20', settings: { globalOutstandingLimit: '20' } },
    { name: 'throttled to 8', settings: { request_throttle_max_requests: '8' } },
    { name: 'snapshot each 500', settings: { snapCount: '500' } },
    { name: 'snapshot each 5000', settings: { snapCount: '5000' } },
    { name: 'small preallocation', settings: { preAllocSize: '64' } },
    { name: 'gz snapshots', settings: { snapCount: '5000', 'snapshot.compression.method': 'gz' } },
    { name: 'not synced', settings: { forceSync: 'no' } },
  ]
