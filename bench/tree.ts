/**
 * What the tree costs by itself, one core, no network and no disk: `npx tsx bench/tree.ts`.
 * Prints µs of CPU for each command applied and each read, replies written: CPU time, so that a busy machine shows little.
 */
import { ByteReader, ByteWriter } from '../src/kernel/bytes.ts'
import { OPEN_ACL } from '../src/protocol/acl.ts'
import { writeCreateRequest } from '../src/protocol/create.ts'
import { writeGetDataRequest } from '../src/protocol/get-data.ts'
import { OpCode } from '../src/protocol/op-code.ts'
import { writeSetDataRequest } from '../src/protocol/set-data.ts'
import { encodeCommand, patchCommandTime, tryEncodeIds, NO_IDS } from '../src/tree/command.ts'
import { encodeCreateSession } from '../src/tree/create-session.ts'
import { DataTree } from '../src/tree/data-tree.ts'
import { loadTree } from '../src/tree/load-tree.ts'
import { writeOutcome } from '../src/tree/outcome.ts'
import { executeRead, type Reader } from '../src/tree/reads.ts'
import { serialiseTree } from '../src/tree/serialise-tree.ts'

const ZNODES = 100_000
const DATA = Buffer.alloc(1024, 7)
const BATCH = 20_000
const ROUNDS = 10

const tree = new DataTree()
const out = new ByteWriter()
const record = new ByteWriter()
const ids = tryEncodeIds([{ scheme: 'ip', id: '127.0.0.1' }]) ?? NO_IDS
const fields = { flags: 0, origin: 1, requestNumber: 1, connection: 1, sessionHigh: 0x01000000, sessionLow: 1, cxid: 1 }

function command(type: number, bytes: Uint8Array): Buffer {
  const encoded = encodeCommand({ ...fields, type, ids }, bytes)
  patchCommandTime(encoded, Date.now())
  return encoded
}

function apply(encoded: Buffer): void {
  writeOutcome(out, tree.apply(encoded))
  if (out.size > 60_000) out.take()
}

function pathOf(index: number): string {
  return `/bench/node-${index % ZNODES}`
}

function setData(index: number): Buffer {
  writeSetDataRequest(record, { path: pathOf(index * 7919), data: DATA, version: -1 })
  return command(OpCode.setData, record.take())
}

function create(path: string): Buffer {
  writeCreateRequest(record, { path, data: DATA.subarray(0, 100), acl: OPEN_ACL, flags: 0 })
  return command(OpCode.create, record.take())
}

/** Prints the best and the median round. */
function measure(name: string, make: (index: number) => Buffer, run: (bytes: Buffer) => void): void {
  const us: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const inputs = Array.from({ length: BATCH }, (_, index) => make(round * BATCH + index))
    const before = process.cpuUsage()
    for (const input of inputs) run(input)
    const spent = process.cpuUsage(before)
    us.push((spent.user + spent.system) / BATCH)
  }
  us.sort((a, b) => a - b)
  console.log(`${name.padEnd(34)} ${us[0]?.toFixed(2)} µs best, ${us[ROUNDS / 2]?.toFixed(2)} µs median`)
}

apply(command(OpCode.createSession, encodeCreateSession({ timeoutMs: 10_000, password: Buffer.alloc(16) })))
apply(create('/bench'))
for (let index = 0; index < ZNODES; index++) apply(create(pathOf(index)))

measure('apply setData 1 KiB', setData, apply)
measure('apply create 100 B', (index) => create(`/bench/new-${index}`), apply)

const reader = new ByteReader(DATA)
const caller: Reader = { ids: [], isSuper: false, skipAcl: false, sessionHigh: 1, sessionLow: 1, watcher: null }
measure(
  'getData 1 KiB',
  (index) => {
    writeGetDataRequest(record, { path: pathOf(index * 7919), watch: false })
    return record.take()
  },
  (bytes) => {
    executeRead(tree, OpCode.getData, reader.reset(bytes, 0, bytes.length), out, caller)
    if (out.size > 60_000) out.take()
  },
)

const pin = tree.pin()
measure('apply setData 1 KiB under a pin', setData, apply)
const beforeSerialise = process.cpuUsage()
const chunks = [...serialiseTree(pin)]
const serialised = process.cpuUsage(beforeSerialise)
pin.release()
const beforeLoad = process.cpuUsage()
const znodes = loadTree(chunks).store.size
const loaded = process.cpuUsage(beforeLoad)
console.log(`serialise ${znodes} znodes: ${(serialised.user / 1000).toFixed(0)} ms in ${chunks.length} chunks`)
console.log(`load them: ${(loaded.user / 1000).toFixed(0)} ms`)
