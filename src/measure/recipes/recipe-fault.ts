import { ZooKeeperError } from '../../client/zookeeper-error.ts'
import { ZktuneError } from '../../kernel/errors.ts'
import { httpErrorName } from '../http/http-fault.ts'
import { WireError, wireErrorName } from '../../protocol/wire-error.ts'

/** What must never happen, and is an error of the run when it does; beside the errors of the protocol, which are negative. */
export const RecipeFaultCode = {
  /** A lock was had by a second session while the first, still connected, had not let go. */
  twoHolders: 1,
  twoLeaders: 2,
  /** An item of a queue that two consumers got. */
  takenTwice: 3,
  /** An item that was put, is gone, and came to nobody. */
  itemLost: 4,
  /** A barrier that opened before all were there. */
  releasedEarly: 5,
} as const

const NAMES: ReadonlyMap<number, string> = new Map([
  [RecipeFaultCode.twoHolders, 'TWOHOLDERS'],
  [RecipeFaultCode.twoLeaders, 'TWOLEADERS'],
  [RecipeFaultCode.takenTwice, 'TAKENTWICE'],
  [RecipeFaultCode.itemLost, 'ITEMLOST'],
  [RecipeFaultCode.releasedEarly, 'RELEASEDEARLY'],
])

/** A promise of the recipe was broken. */
export class RecipeFault extends Error {
  readonly code: number

  constructor(code: number) {
    super(NAMES.get(code) ?? `fault ${code}`)
    this.code = code
  }
}

/** As results spell it: of the protocol, of a recipe, or of HTTP. */
export function errorName(code: number): string {
  return NAMES.get(code) ?? httpErrorName(code) ?? wireErrorName(code)
}

/** What a rejected promise counts as. Anything that nobody foresaw is thrown again. */
export function errorCodeOf(error: unknown): number {
  if (error instanceof RecipeFault || error instanceof ZooKeeperError) return error.code
  // A session that could not be had within its time.
  if (error instanceof ZktuneError) return WireError.connectionLoss
  throw error
}
