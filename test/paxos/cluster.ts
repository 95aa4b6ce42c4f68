import { Prng } from '../../src/kernel/prng.ts'
import type { RecoveredState } from '../../src/paxos/acceptor.ts'
import { Acceptor, NOTHING_RECOVERED } from '../../src/paxos/acceptor.ts'
import type { Ballot, ReplicaId } from '../../src/paxos/ballot.ts'
import { ballotText } from '../../src/paxos/ballot.ts'
import type { Envelope, ReplicaEvent } from '../../src/paxos/effects.ts'
import { Effects } from '../../src/paxos/effects.ts'
import type { Entry } from '../../src/paxos/entry.ts'
import { Learner } from '../../src/paxos/learner.ts'
import type { Message } from '../../src/paxos/message.ts'
import type { QuorumSystem } from '../../src/paxos/quorum.ts'
import { majority } from '../../src/paxos/quorum.ts'
import type { Input } from '../../src/paxos/replica.ts'
import { Replica } from '../../src/paxos/replica.ts'

/** Replicas with perfect disks and instant links, delivered in order: what remains is the protocol itself. */
export class Cluster {
  readonly replicas = new Map<ReplicaId, Replica>()
  readonly events: { readonly at: ReplicaId; readonly event: ReplicaEvent }[] = []
  /** Every message as it was delivered. */
  readonly trace: string[] = []
  readonly #ids: readonly ReplicaId[]
  readonly #quorum: QuorumSystem
  readonly #cut = new Set<string>()
  #nowMs = 0
  #queue: (Envelope & { readonly from: ReplicaId })[] = []

  constructor(ids: readonly ReplicaId[], quorum = majority(ids)) {
    this.#ids = ids
    this.#quorum = quorum
    for (const id of ids) this.start(id, NOTHING_RECOVERED)
  }

  start(id: ReplicaId, recovered: RecoveredState, isVoting = true): Replica {
    const replica = new Replica({
      self: id,
      members: this.#ids,
      quorum: this.#quorum,
      acceptor: new Acceptor(recovered, isVoting),
      learner: new Learner(recovered.chosenSlot),
      prng: new Prng(id),
      heartbeatTicks: 4,
      patienceTicks: 20,
      joinTicks: 40,
      retryTicks: 3,
    })
    this.replicas.set(id, replica)
    return replica
  }

  at(id: ReplicaId): Replica {
    const replica = this.replicas.get(id)
    if (replica === undefined) throw new Error(`replica ${id} is down`)
    return replica
  }

  get leader(): Replica | null {
    return [...this.replicas.values()].find((replica) => replica.state === 'leading') ?? null
  }

  crash(id: ReplicaId): void {
    this.replicas.delete(id)
    this.#queue = this.#queue.filter(({ from, to }) => from !== id && to !== id)
    for (const other of this.replicas.keys()) this.step(other, { kind: 'disconnected', peer: id })
  }

  /** Both directions are lost, without anybody noticing. */
  cut(a: ReplicaId, b: ReplicaId): void {
    this.#cut.add(`${a}-${b}`).add(`${b}-${a}`)
  }

  heal(): void {
    this.#cut.clear()
  }

  step(id: ReplicaId, input: Input): void {
    const replica = this.replicas.get(id)
    if (replica === undefined) return
    const out = new Effects()
    replica.step(input, out)
    replica.endTurn(out)
    for (const event of out.events) this.events.push({ at: id, event })
    for (const envelope of [...out.sendNow, ...out.send]) this.#queue.push({ from: id, ...envelope })
  }

  /** Delivers until nothing is under way. */
  settle(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { from, to, message } = next
      if (this.#cut.has(`${from}-${to}`)) continue
      this.trace.push(`${from} → ${to}  ${described(message)}`)
      this.step(to, { kind: 'message', from, message })
    }
  }

  tick(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#nowMs += 25
      for (const id of [...this.replicas.keys()]) this.step(id, { kind: 'tick', nowMs: this.#nowMs })
      this.settle()
    }
  }

  propose(text: string): void {
    for (const [id, replica] of this.replicas) {
      if (replica.state === 'leading') this.step(id, { kind: 'propose', payload: Buffer.from(text) })
    }
    this.settle()
  }

  /** What a replica may apply: commands as text, openings as `*`. */
  chosen(id: ReplicaId): string[] {
    const { log, chosenSlot } = this.at(id)
    const texts: string[] = []
    for (let slot = log.start + 1; slot <= chosenSlot; slot++) {
      const entry = log.get(slot)
      texts.push(entryText(entry))
    }
    return texts
  }
}

/** A message as a reviewer reads it: its kind, its ballots as round.proposer, its entries as text. */
function described(message: Message): string {
  const fields = Object.entries(message).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'kind' || value === undefined) return []
    if (name === 'entries') return [`[${(value as Entry[]).map(entryText).join(' ')}]`]
    if (typeof value === 'boolean') return value ? [name] : []
    if (/ballot|promised/i.test(name)) return [`${name}=${ballotText(value as Ballot)}`]
    return [`${name}=${value as number}`]
  })
  return [message.kind.padEnd(12), ...fields].join(' ').trimEnd()
}

function entryText(entry: Entry): string {
  return entry.kind === 'opening' ? '*' : Buffer.from(entry.payload).toString()
}
