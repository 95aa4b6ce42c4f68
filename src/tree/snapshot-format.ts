/**
 * A tree in bytes: records, each behind its length (int32), in this order. Jute encodings; our own format, which shares
 * nothing with Apache's snapshots.
 *
 *   header    tag 1 · magic: u32 · version: int · lastZxid: long · digest: u32
 *   session*  tag 2 · id: high int, low int · timeoutMs: int · password: buffer · grant: long
 *   acl*      tag 3 · vector<ACL>                   numbered from 1; 0 is the open ACL; before its first znode
 *   znode*    tag 4 · path: ustring · data: buffer · acl: int · czxid, mzxid, pzxid, ctime, mtime: long
 *             · version, childCreations, aversion: int · owner: high int, low int          parents before children
 *   end       tag 5 · sessions: u32 · znodes: u32
 *
 * There is no checksum here: whoever stores the bytes adds one.
 */
export const SnapshotTag = {
  header: 1,
  session: 2,
  acl: 3,
  znode: 4,
  end: 5,
} as const

/** `ZKTT` */
export const SNAPSHOT_MAGIC = 0x5a4b5454
export const SNAPSHOT_VERSION = 1

/** The number that stands for OPEN_ACL_LIST. */
export const OPEN_ACL_NUMBER = 0
