/** A position in the replicated log, from 1; 0 is "none". */
export type Slot = number & { readonly brand: 'slot' }

export const NO_SLOT = 0 as Slot

/** Every slot that is computed passes here, so that the brand has one door. */
export function slotOf(position: number): Slot {
  return position as Slot
}

/**
 * What a slot holds. `opening` is the first own entry of a leader and starts an epoch; `command` is opaque to this
 * room. (`membership` is a third kind that the log format has room for.)
 */
export interface Entry {
  readonly kind: 'opening' | 'command'
  readonly payload: Uint8Array
}

/** Bytes that an entry costs in memory and on the wire beside its payload; a round figure for limits. */
export const ENTRY_OVERHEAD_BYTES = 32
