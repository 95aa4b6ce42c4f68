/** A broken invariant: the process that sees one must stop before it lies to anyone. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure'
}

/**
 * Stays on in production. The claim is a constant string, so that passing costs nothing.
 *
 * @throws AssertionFailure when `condition` is false
 */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new AssertionFailure(`broken invariant: ${claim}`)
}

/** Closes an exhaustive `switch`: the compiler rejects a call that a new variant could reach. */
export function unreachable(value: never, where: string): never {
  throw new AssertionFailure(`broken invariant: ${where} met ${JSON.stringify(value)}`)
}
