import { ZktuneError } from './errors.ts'
import type { ErrorCode, ErrorFacts } from './errors.ts'

/** What is wrong with one place of an input. A parser gathers these rather than stop at the first. */
export interface Fault extends ErrorFacts {
  readonly code: ErrorCode
}

/** An input with at least one fault. The message has a line for each; the fields are those of the first. */
export class FaultyInput extends ZktuneError {
  readonly faults: readonly Fault[]

  /** @param faults at least one */
  constructor(faults: readonly [Fault, ...Fault[]]) {
    const [first] = faults
    super(first.code, first)
    this.faults = faults
    this.message = faults.map((fault) => `${fault.where}: ${fault.what}. ${fault.mend}`).join('\n')
  }
}

/** @throws FaultyInput when there is any fault */
export function throwFaults(faults: readonly Fault[]): void {
  const [first, ...others] = faults
  if (first !== undefined) throw new FaultyInput([first, ...others])
}

/**
 * Runs one step of a reading; its ZktuneError joins `faults`, any other error passes.
 *
 * @returns null when the step failed
 */
export function gather<T>(faults: Fault[], step: () => T): T | null {
  try {
    return step()
  } catch (error) {
    if (error instanceof FaultyInput) faults.push(...error.faults)
    else if (error instanceof ZktuneError) faults.push(error)
    else throw error
    return null
  }
}
