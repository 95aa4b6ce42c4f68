import { DecodeError, type ByteReader } from '../../kernel/bytes.ts'
import { isEphemeralMode } from '../../protocol/create-mode.ts'
import { readCreateRequest } from '../../protocol/create.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { readMulti } from '../../tree/multi.ts'

/**
 * Whether a write would create an ephemeral znode, which a session that only one server knows cannot own.
 *
 * @param from at the request record; one that cannot be read wants nothing
 */
export function wantsEphemeral(type: number, from: ByteReader): boolean {
  try {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
        return isEphemeralMode(readCreateRequest(from).flags)
      case OpCode.multi:
        return readMulti(from).some(
          (operation) =>
            (operation.kind === 'create' || operation.kind === 'create2') && isEphemeralMode(operation.request.flags),
        )
      default:
        return false
    }
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}
