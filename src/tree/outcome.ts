import type { ByteWriter } from '../kernel/bytes.ts'
import { writeCreate2Response, writeCreateResponse } from '../protocol/create.ts'
import { writeGetDataResponse } from '../protocol/get-data.ts'
import { writeMultiResult, type MultiResult } from '../protocol/multi-result.ts'
import { writeMultiEnd } from '../protocol/multi.ts'
import { OpCode } from '../protocol/op-code.ts'
import { writeStat } from '../protocol/stat.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { QuotaExcess } from './quota-excess.ts'
import type { Znode } from './znode.ts'

/** What became of one command, and whose it was. One object serves all commands of a tree: read it before the next. */
export class Outcome {
  /** The command's own zxid; failed commands have one too. */
  zxid = 0
  /** One of WireError. A multi that failed as it should has `ok` here, and errors in its results. */
  error: number = WireError.ok
  /** The command's op code. */
  type = 0
  origin = 0
  requestNumber = 0
  connection = 0
  sessionHigh = 0
  sessionLow = 0
  cxid = 0
  /** Of a create: the path with its sequence number. Else empty. */
  path = ''
  /** Of a create, setData, setACL or reconfig: the znode, in the tree, so good only until the next command. Else null. */
  node: Znode | null = null
  /** Of a multi that could be read; else null. */
  results: readonly MultiResult[] | null = null
  /** A quota that the command exceeded, or for which it was refused; else null. */
  quotaExcess: QuotaExcess | null = null
}

/** Writes the response record, without a reply header: nothing for an error or an operation that has none. */
export function writeOutcome(out: ByteWriter, outcome: Outcome): void {
  if (outcome.error !== WireError.ok) return
  const { node, results } = outcome
  if (results !== null) {
    for (const result of results) writeMultiResult(out, result)
    writeMultiEnd(out)
  } else if (node !== null) {
    switch (outcome.type) {
      case OpCode.create:
        return writeCreateResponse(out, outcome.path)
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return writeCreate2Response(out, outcome.path, node)
      case OpCode.setData:
      case OpCode.setACL:
        return writeStat(out, node)
      case OpCode.reconfig:
        return writeGetDataResponse(out, node.data, node)
    }
  }
}
