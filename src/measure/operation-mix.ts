import { OPERATION_KINDS, type OperationKind } from '../profile/plan.ts'
import type { Prng } from '../kernel/prng.ts'

/**
 * What a session does next. `churn` stands for create and delete, `visit` for connect and close, which take turns; a storm
 * consists of reconnects, and an AdminServer is not asked by sessions.
 */
export type Move =
  Exclude<OperationKind, 'create' | 'delete' | 'connect' | 'close' | 'reconnect' | 'admin'> | 'churn' | 'visit'

const MOVES: Readonly<Partial<Record<OperationKind, Move>>> = {
  create: 'churn',
  delete: 'churn',
  connect: 'visit',
  close: 'visit',
  reconnect: 'storm',
}

/** Draws moves by the weights of a workload. */
export class OperationMix {
  readonly #moves: readonly Move[]
  /** Ascending shares of 1; the last one is 1. */
  readonly #upTo: readonly number[]

  /** @throws RangeError when no weight is above 0 */
  constructor(weights: Readonly<Partial<Record<OperationKind, number>>>) {
    const byMove = new Map<Move, number>()
    for (const kind of OPERATION_KINDS) {
      const weight = weights[kind] ?? 0
      if (!(weight > 0)) continue
      const move = MOVES[kind] ?? (kind as Move)
      byMove.set(move, (byMove.get(move) ?? 0) + weight)
    }
    const total = [...byMove.values()].reduce((sum, weight) => sum + weight, 0)
    if (!(total > 0)) throw new RangeError('a workload needs an operation with a weight above 0')
    let sum = 0
    this.#moves = [...byMove.keys()]
    this.#upTo = [...byMove.values()].map((weight) => (sum += weight) / total)
  }

  draw(prng: Prng): Move {
    const moves = this.#moves
    const last = moves.length - 1
    if (last > 0) {
      const point = prng.float()
      for (let index = 0; index < last; index++) {
        if (point < (this.#upTo[index] as number)) return moves[index] as Move
      }
    }
    return moves[last] as Move
  }
}
