/**
 * What a request asks for: the `type` of its header. `createSession`, `closeSession`, `deleteContainer` and `error` also
 * stand in replicated commands, and so does `configure`, which ZooKeeper does not have; of these a client may send only
 * `closeSession`.
 *
 * Source: ZooDefs.OpCode (Apache ZooKeeper 3.9).
 */
export const OpCode = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
  configure: -16,
} as const

export type OpName = keyof typeof OpCode

const names = new Map<number, OpName>(Object.entries(OpCode).map(([name, code]) => [code, name as OpName]))

/** @returns null for a number that is no op code */
export function opName(code: number): OpName | null {
  return names.get(code) ?? null
}
