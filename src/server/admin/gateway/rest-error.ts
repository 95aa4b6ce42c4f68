import { WireError } from '../../../protocol/wire-error.ts'

/** Why a request of the gateway is refused: an HTTP status, and the sentence of its ERROR. */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly status: 400 | 401 | 404 | 406 | 409 | 410 | 412 | 415 | 500 | 502

  constructor(status: RestError['status'], message: string) {
    super(message)
    this.status = status
  }
}

/** What Apache's gateway makes of a ZooKeeper error. */
export function restErrorOf(error: number, path: string): RestError {
  switch (error) {
    case WireError.authFailed:
      return new RestError(401, `${path} not authorized`)
    case WireError.badArguments:
      return new RestError(400, `${path} bad arguments`)
    case WireError.invalidACL:
      return new RestError(400, `${path} invalid acl`)
    case WireError.badVersion:
      return new RestError(412, `${path} bad version`)
    case WireError.nodeExists:
      return new RestError(409, `${path} already exists`)
    case WireError.noNode:
      return new RestError(404, `${path} not found`)
    case WireError.notEmpty:
      return new RestError(409, `${path} not empty`)
    default:
      return new RestError(502, `Error processing request for ${path} : ${keeperText(error, path)}`)
  }
}

/** As Java's KeeperException says it: `KeeperErrorCode = NoAuth for /a`. */
function keeperText(error: number, path: string): string {
  const name = Object.entries(WireError).find(([, code]) => code === error)?.[0] ?? String(error)
  return `KeeperErrorCode = ${name.slice(0, 1).toUpperCase()}${name.slice(1)} for ${path}`
}
