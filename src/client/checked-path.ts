import { isSequentialMode } from '../protocol/create-mode.ts'
import type { OpName } from '../protocol/op-code.ts'
import { validateCreatePath } from '../protocol/path.ts'
import { WireError } from '../protocol/wire-error.ts'
import { createOperationOf, type CreateOptions } from './client-options.ts'
import { ZooKeeperError } from './zookeeper-error.ts'

/**
 * What is no path is refused before it leaves: servers differ in what they make of it.
 *
 * @param create the options of a create, whose path may end with a slash when a sequence number follows
 * @throws ZooKeeperError BADARGUMENTS that says what is wrong with the path
 */
export function checkPath(operation: OpName, path: string, create?: CreateOptions): void {
  const isSequential = create !== undefined && isSequentialMode(createOperationOf(create).flags)
  const fault = validateCreatePath(path, isSequential)
  if (fault !== null) throw new ZooKeeperError(WireError.badArguments, operation, path, `the path ${fault}`)
}
