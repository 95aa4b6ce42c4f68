/**
 * The numbers that a client gives its requests, and a server its frames, outside of the ordinary count from 1.
 *
 * Source: ClientCnxn and ServerCnxn (Apache ZooKeeper 3.9).
 */
export const Xid = {
  /** A watch event: pushed by the server, answers nothing. */
  event: -1,
  /** The reply to a ping is -2 whatever the ping's own xid was. */
  ping: -2,
  auth: -4,
  setWatches: -8,
  /** The first ordinary request; after 2^31 - 1 the count starts here again. */
  first: 1,
} as const
