/**
 * The error codes of reply headers and multi results; 0 is success. Some are made by clients only (`connectionLoss`,
 * `operationTimeout`, `invalidCallback`, `requestTimeout`), and `sessionMoved` never travels: the connection closes.
 *
 * Source: KeeperException.Code (Apache ZooKeeper 3.9).
 */
export const WireError = {
  ok: 0,
  systemError: -1,
  runtimeInconsistency: -2,
  dataInconsistency: -3,
  connectionLoss: -4,
  marshallingError: -5,
  unimplemented: -6,
  operationTimeout: -7,
  badArguments: -8,
  unknownSession: -12,
  newConfigNoQuorum: -13,
  reconfigInProgress: -14,
  apiError: -100,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidCallback: -113,
  invalidACL: -114,
  authFailed: -115,
  sessionMoved: -118,
  notReadOnly: -119,
  ephemeralOnLocalSession: -120,
  noWatcher: -121,
  requestTimeout: -122,
  reconfigDisabled: -123,
  sessionClosedRequireSaslAuth: -124,
  quotaExceeded: -125,
  throttledOp: -127,
} as const

/** As ZooKeeper's documentation spells a code: `NONODE`. */
const names = new Map<number, string>(Object.entries(WireError).map(([name, code]) => [code, name.toUpperCase()]))

/** @returns `NONODE`, `BADVERSION` and the like; `ERROR <number>` for a code that is not known */
export function wireErrorName(code: number): string {
  return names.get(code) ?? `ERROR ${code}`
}
