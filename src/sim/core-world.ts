import { Prng } from '../kernel/prng.ts'
import type { ReplicaId } from '../paxos/ballot.ts'
import type { ReplicaEvent } from '../paxos/effects.ts'
import type { Entry } from '../paxos/entry.ts'
import type { Install } from '../paxos/message.ts'
import { bitOf, type QuorumSystem, type VoterSet } from '../paxos/quorum.ts'
import { quorumOf } from '../server/replication/quorum-of.ts'
import { AgreementChecker } from './checkers/agreement.ts'
import { LinkOrderChecker } from './checkers/link-order.ts'
import { CoreDisk, EMPTY_STATE, stateAfter } from './core-disk.ts'
import { CoreNode, HONEST, valueOf, type CorePacket, type CoreParts, type CoreWire } from './core-node.ts'
import { drawForm, formText, type Form, type FormKind } from './form.ts'
import { Scheduler } from './scheduler.ts'
import { SimProcess } from './sim-process.ts'

export interface CoreWorldOptions {
  readonly seed: number
  /** Voters. */
  readonly replicas: 3 | 5
  /** Null lets the seed draw it. */
  readonly form?: Form | null
  /** What the drawn form must be; null for anything. */
  readonly wish?: FormKind | null
  /** Virtual milliseconds with faults; a settled time follows. */
  readonly stormMs: number
  readonly parts?: CoreParts
}

/** How bad this world's weather is: each seed draws its own. Chances are per message, intervals in virtual milliseconds. */
interface Weather {
  /** Leader after leader dies in the midst of taking over. */
  readonly isMassacre: boolean
  readonly lossChance: number
  readonly duplicateChance: number
  /** Chance of a message that takes up to `strayMs`: it overtakes nothing and is overtaken by everything. */
  readonly strayChance: number
  readonly strayMs: number
  readonly delayMs: number
  readonly crashEveryMs: number
  readonly crashAllEveryMs: number
  /** Chance that a new leader dies within its first moments, half its messages sent. */
  readonly crashNewLeaderChance: number
  readonly partitionEveryMs: number
  readonly resetEveryMs: number
  readonly pauseEveryMs: number
  readonly diskSlowEveryMs: number
  readonly hasWipe: boolean
}

export interface CoreResult {
  /** Empty when all went well; the run stops at the first. */
  readonly violations: readonly string[]
  readonly chosenCount: number
  readonly leaderCount: number
  readonly digest: number
}

interface LeaderOfBallot {
  readonly id: ReplicaId
  /** The how manyth disk it had. */
  readonly disk: number
  readonly incarnation: number
}

const TICK_MS = 10
/** After the storm: time enough for several elections and a catch-up. */
const SETTLE_MS = 20_000

/**
 * Core replicas alone, on a network worse than TCP: messages are lost, repeated and reordered. The core must stay safe
 * under all of it; once the weather is fine it must also move on.
 */
export class CoreWorld implements CoreWire {
  readonly form: Form
  readonly quorum: QuorumSystem
  readonly nodes: CoreNode[] = []
  readonly violations: string[] = []
  /** For a trace a person can follow; null when nobody reads it. */
  onNote: ((text: string) => void) | null = null
  readonly #options: CoreWorldOptions
  readonly #scheduler = new Scheduler()
  readonly #prng: Prng
  readonly #netPrng: Prng
  readonly #leaderPrng: Prng
  readonly #weather: Weather
  readonly #agreement: AgreementChecker
  readonly #order: LinkOrderChecker
  readonly #blocked = new Set<string>()
  readonly #sequences = new Map<string, number>()
  readonly #acknowledged = new Set<string>()
  readonly #leaderOfBallot = new Map<number, LeaderOfBallot>()
  readonly #syncFloors = new Map<number, number>()
  #tokenCount = 0
  /** Voters that lost their disks. */
  #wiped: VoterSet = 0
  #isCalm = false

  constructor(options: CoreWorldOptions) {
    this.#options = options
    this.#prng = new Prng(options.seed)
    this.#netPrng = this.#prng.fork('network')
    this.#leaderPrng = this.#prng.fork('new leaders')
    const report = (violation: string): void => this.#report(violation)
    this.#agreement = new AgreementChecker(report)
    this.#order = new LinkOrderChecker(report)
    const setup = this.#prng.fork('setup')
    this.#weather = drawWeather(setup)
    this.form = options.form ?? this.#drawForm()
    const ids = Array.from({ length: options.replicas + this.form.observers }, (_, index) => index + 1)
    this.quorum = quorumOf(this.form.rule, ids.slice(0, options.replicas))
    for (const id of ids) {
      const prng = this.#prng.fork(`node ${id}`)
      const node = new CoreNode(this, (name, main) => this.#makeProcess(name, main), {
        id,
        disk: new CoreDisk(),
        prng,
        parts: options.parts ?? HONEST,
        tickMs: TICK_MS * (0.9 + setup.float() * 0.2),
        syncMs: setup.pick([
          [0, 0.5],
          [0.5, 5],
          [1, 30],
        ]),
        snapshotSlots: setup.pick([15, 60, 100_000]),
        keptSlots: setup.pick([0, 5, 40]),
      })
      this.nodes.push(node)
    }
  }

  #drawForm(): Form {
    const { replicas, wish = null } = this.#options
    return drawForm(this.#prng.fork('form'), { replicas, faults: null, wish, drawsLines: false })
  }

  run(): CoreResult {
    this.#note(formText(this.form))
    for (const node of this.nodes) node.process.restart()
    this.#startWeather()
    this.#propose()
    this.#scheduler.runUntilDone(() => this.violations.length > 0, this.#options.stormMs)
    if (this.violations.length === 0) this.#settle()
    return {
      violations: this.violations,
      chosenCount: this.#agreement.values.length,
      leaderCount: this.#leaderOfBallot.size,
      digest: this.#scheduler.digest,
    }
  }

  // --- what nodes tell their world ---

  send(from: ReplicaId, to: ReplicaId, packet: CorePacket): void {
    const parts = packet.kind === 'message' && packet.message.kind === 'install' ? this.#cut(packet.message) : null
    if (parts === null) this.#sendOne(from, to, packet)
    else for (const message of parts) this.#sendOne(from, to, { kind: 'message', message })
  }

  onApplied(node: CoreNode, slot: number, entry: Entry): void {
    const value = valueOf(entry)
    const isNew = slot > this.#agreement.values.length
    this.#agreement.onApplied(node.process.name, slot, value)
    if (isNew) this.#onChosen(slot, value)
    if (value !== null && node.leads !== null && value.startsWith(linkOf(node))) this.#acknowledged.add(value)
  }

  onRestored(node: CoreNode, slot: number): void {
    this.#agreement.onRestored(node.process.name, slot)
  }

  onEvent(node: CoreNode, event: ReplicaEvent): void {
    this.#note(`${node.process.name} ${JSON.stringify(event)}`)
    if (event.kind === 'leading') {
      if (bitOf(this.quorum, node.id) === 0) this.#report(`${node.process.name} leads and has no vote`)
      this.#onLeading(node, event.ballot)
      this.#crashNewLeader(node)
    }
    if (event.kind === 'syncReady') {
      const floor = this.#syncFloors.get(event.token)
      if (floor !== undefined && event.slot < floor) {
        this.#report(`a sync that began when slot ${floor} was chosen was answered with slot ${event.slot}`)
      }
    }
  }

  // --- checking ---

  /** Who lost its disk may lead its old ballot anew, when nobody else had heard of it: see decision 3. */
  #onLeading(node: CoreNode, ballot: number): void {
    const claim = { id: node.id, disk: node.disk.generation, incarnation: node.process.incarnation }
    const known = this.#leaderOfBallot.get(ballot)
    const isForgotten = known?.id === claim.id && known.disk !== claim.disk
    if (known !== undefined && !isForgotten) {
      const texts = [known, claim].map(({ id, incarnation }) => `r${id} of incarnation ${incarnation}`)
      this.#report(`ballot ${ballot} is led by ${texts.join(' and by ')}`)
    }
    this.#leaderOfBallot.set(ballot, claim)
  }

  #onChosen(slot: number, value: string | null): void {
    const holders = this.quorum.voters.reduce((set, id, position) => {
      const { disk } = this.nodes[id - 1] as CoreNode
      const entry = disk.entryAt(slot)
      const holds = disk.snapshot.slot >= slot || (entry !== undefined && valueOf(entry) === value)
      return holds || !disk.isInitial ? set | (1 << position) : set
    }, 0)
    if (!this.quorum.isPhase2(holders)) {
      this.#report(`slot ${slot} is applied while the disks of no quorum hold it (holders ${holders.toString(2)})`)
    }
    if (value === null) return
    const [link, sequence] = value.split('#') as [string, string]
    this.#order.onChosen(slot, link, Number(sequence))
  }

  #settle(): void {
    this.#isCalm = true
    this.#blocked.clear()
    for (const node of this.nodes) {
      node.diskSlowness = 1
      if (!node.process.isUp) node.process.restart()
    }
    for (const node of this.nodes) for (const peer of this.nodes) if (node.id < peer.id) this.#relink(node, peer)
    const storm = this.#agreement.values.length
    const isSettled = (): boolean =>
      this.violations.length > 0 ||
      (this.#agreement.values.length > storm + 20 &&
        this.nodes.every((node) => node.process.isUp && node.appliedSlot >= storm + 20))
    if (!this.#scheduler.runUntilDone(isSettled, this.#scheduler.nowMs + SETTLE_MS)) {
      const applied = this.nodes.map((node) => `${node.process.name} ${node.appliedSlot} ${node.replica?.state}`)
      this.#report(`${SETTLE_MS} ms after the storm (slot ${storm}) not everybody has moved on: ${applied.join(', ')}`)
    }
    if (this.violations.length > 0) return
    const { values } = this.#agreement
    const states = [EMPTY_STATE]
    for (const value of values) states.push(stateAfter(states.at(-1) ?? EMPTY_STATE, value))
    for (const node of this.nodes) {
      if (node.state !== states[node.appliedSlot]) this.#report(`${node.process.name} ended with another state`)
    }
    const kept = new Set(values)
    for (const value of this.#acknowledged) if (!kept.has(value)) this.#report(`${value} was acknowledged and is lost`)
  }

  #report(violation: string): void {
    this.#note(`VIOLATION ${violation}`)
    this.violations.push(violation)
  }

  #note(text: string): void {
    this.onNote?.(`${this.#scheduler.nowMs.toFixed(2)} ${text}`)
  }

  // --- clients ---

  /** Somebody who believes to lead gets a command now and then: numbered per leadership, so that gaps show. */
  #propose(): void {
    this.#scheduler.after(this.#prng.float() * 15, 'propose', () => {
      const leaders = this.nodes.filter((node) => node.process.isUp && node.leads !== null)
      if (leaders.length > 0) this.#burst(this.#prng.pick(leaders))
      this.#propose()
    })
  }

  #burst(node: CoreNode): void {
    for (let count = this.#prng.between(1, 4); count > 0; count--) {
      const link = linkOf(node)
      const sequence = (this.#sequences.get(link) ?? 0) + 1
      this.#sequences.set(link, sequence)
      node.offer({ kind: 'propose', payload: Buffer.from(`${link}#${sequence}`) })
    }
    if (this.#prng.chance(0.3)) {
      const token = ++this.#tokenCount
      this.#syncFloors.set(token, this.#agreement.values.length)
      node.offer({ kind: 'sync', token })
    }
  }

  // --- weather ---

  #makeProcess(name: string, main: () => void): SimProcess {
    const process = new SimProcess(this.#scheduler, name, main)
    process.onFailure = (error) => this.#report(`${name}: ${error instanceof Error ? error.stack : String(error)}`)
    return process
  }

  #sendOne(from: ReplicaId, to: ReplicaId, packet: CorePacket): void {
    const { lossChance, duplicateChance, strayChance, strayMs, delayMs } = this.#weather
    const prng = this.#netPrng
    if (!this.#isCalm && prng.chance(lossChance)) return
    const copies = !this.#isCalm && prng.chance(duplicateChance) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const isStray = !this.#isCalm && prng.chance(strayChance)
      const node = this.nodes.find(({ id }) => id === to)
      const sender = this.nodes.find(({ id }) => id === from)
      const disks = [sender?.disk.generation, node?.disk.generation]
      // In fine weather a link is TCP again: equal delays keep the order.
      const waitMs = this.#isCalm ? 1 : prng.float() * (isStray ? strayMs : delayMs)
      this.#scheduler.after(waitMs, `${from}>${to} ${packet.kind}`, () => {
        // What was sent before one of the two lost its disk was sent on a connection that ended then.
        const isOfThisLink = sender?.disk.generation === disks[0] && node?.disk.generation === disks[1]
        if (this.#blocked.has(`${from}>${to}`) || !isOfThisLink) return
        if (node?.process.isUp === true) node.process.run(() => node.receive(from, packet))
      })
    }
  }

  /** An install of several entries may come in parts, as a large one does. */
  #cut(message: Install): Install[] | null {
    const { entries, after } = message
    if (entries.length < 2 || !this.#netPrng.chance(0.5)) return null
    return entries.map((entry, index) => ({
      ...message,
      after: (after + index) as Install['after'],
      entries: [entry],
      isLast: message.isLast && index === entries.length - 1,
    }))
  }

  #startWeather(): void {
    const prng = this.#prng.fork('weather')
    const { crashEveryMs, crashAllEveryMs, partitionEveryMs, resetEveryMs } = this.#weather
    const { pauseEveryMs, diskSlowEveryMs, hasWipe } = this.#weather
    this.#strike(crashEveryMs, prng.fork('crash'), (chance) => this.#crash(chance.pick(this.nodes), chance))
    this.#strike(crashAllEveryMs, prng.fork('crashAll'), (chance) => {
      for (const node of this.nodes) this.#crash(node, chance)
    })
    this.#strike(partitionEveryMs, prng.fork('partition'), (chance) => this.#partition(chance))
    this.#strike(resetEveryMs, prng.fork('reset'), (chance) => {
      this.#relink(chance.pick(this.nodes), chance.pick(this.nodes))
    })
    this.#strike(pauseEveryMs, prng.fork('pause'), (chance) => {
      chance.pick(this.nodes).process.pause(chance.between(10, 400))
    })
    this.#strike(diskSlowEveryMs, prng.fork('disk'), (chance) => {
      const node = chance.pick(this.nodes)
      node.diskSlowness = chance.pick([5, 30, 200])
      this.#scheduler.after(chance.between(20, 1_000), 'disk over', () => (node.diskSlowness = 1))
    })
    if (hasWipe) this.#strike(this.#options.stormMs / 3, prng.fork('wipe'), (chance) => this.#wipe(chance))
  }

  #strike(everyMs: number, prng: Prng, act: (prng: Prng) => void): void {
    if (everyMs === Infinity) return
    this.#scheduler.after(-Math.log(1 - prng.float()) * everyMs, 'weather', () => {
      if (this.#isCalm) return
      act(prng)
      this.#strike(everyMs, prng, act)
    })
  }

  #crashNewLeader(node: CoreNode): void {
    const prng = this.#leaderPrng
    if (this.#isCalm || !prng.chance(this.#weather.crashNewLeaderChance)) return
    this.#scheduler.after(prng.float() ** 2 * 30, 'new leader', () => {
      if (!this.#isCalm) this.#crash(node, prng)
    })
  }

  #crash(node: CoreNode, prng: Prng): void {
    if (!node.process.isUp) return
    node.process.crash('kill')
    const downMs = Math.round((this.#weather.isMassacre ? 150 : 1_200) ** prng.float())
    this.#note(`${node.process.name} crashes for ${downMs} ms`)
    this.#scheduler.after(downMs, 'restart', () => {
      if (this.#isCalm || node.process.isUp) return
      this.#note(`${node.process.name} restarts`)
      node.process.restart()
      for (const peer of this.nodes) if (peer !== node) this.#relink(node, peer)
    })
  }

  /** Never so many that no phase-1 quorum is left of the others: what was chosen would be lost with them. */
  #wipe(prng: Prng): void {
    const node = prng.pick(this.nodes)
    const wiped = this.#wiped | bitOf(this.quorum, node.id)
    const everybody = 2 ** this.quorum.voters.length - 1
    if (!this.quorum.isPhase1(everybody & ~wiped) || !node.process.isUp || !node.disk.isInitial) return
    this.#wiped = wiped
    this.#note(`${node.process.name} loses its disk`)
    this.#crash(node, prng)
    node.disk.wipe()
  }

  /** Two groups that cannot talk, or just two replicas that cannot while the others see both. */
  #partition(prng: Prng): void {
    const shuffled = prng.shuffle([...this.nodes])
    const group = shuffled.splice(0, prng.between(1, shuffled.length - 1))
    const isBridged = prng.chance(0.4)
    const isOneWay = prng.chance(0.3)
    const cut: string[] = []
    for (const from of isBridged ? group.slice(0, 1) : group) {
      for (const to of isBridged ? shuffled.slice(0, 1) : shuffled) {
        cut.push(`${from.id}>${to.id}`)
        if (!isOneWay) cut.push(`${to.id}>${from.id}`)
      }
    }
    this.#note(`nothing gets through: ${cut.join(' ')}`)
    for (const link of cut) this.#blocked.add(link)
    this.#scheduler.after(prng.between(20, 1_500), 'partition over', () => {
      for (const link of cut) this.#blocked.delete(link)
      if (prng.chance(0.5)) for (const node of group) for (const peer of this.nodes) this.#relink(node, peer)
    })
  }

  /** Both ends see the connection end and a new one begin, each in its time. */
  #relink(node: CoreNode, peer: CoreNode): void {
    if (node === peer) return
    for (const [near, far] of [
      [node, peer],
      [peer, node],
    ] as const) {
      const waitMs = this.#isCalm ? 0 : this.#netPrng.float() * 30
      this.#scheduler.after(waitMs, 'relink', () => {
        near.offer({ kind: 'disconnected', peer: far.id })
        if (far.process.isUp) near.offer({ kind: 'connected', peer: far.id })
      })
    }
  }
}

function linkOf(node: CoreNode): string {
  return `${node.process.name}/${node.process.incarnation}/${node.leads}`
}

function drawWeather(prng: Prng): Weather {
  // A third of the worlds lose leader after leader in the midst of taking over: the recovery is where mistakes hide.
  const isMassacre = prng.chance(0.35)
  const stormy = (values: readonly number[]): number => (prng.chance(0.5) ? prng.pick(values) : Infinity)
  return {
    isMassacre,
    lossChance: prng.pick(isMassacre ? [0, 0.02, 0.1] : [0, 0, 0.01, 0.05, 0.2]),
    duplicateChance: prng.pick([0, 0.02, 0.2]),
    strayChance: prng.pick([0, 0.01, 0.1]),
    strayMs: prng.pick([20, 200, 3_000]),
    delayMs: isMassacre ? prng.pick([0.2, 2]) : prng.pick([0.5, 4, 20]),
    crashEveryMs: isMassacre ? prng.pick([40, 120]) : stormy([150, 600, 2_500]),
    crashAllEveryMs: prng.chance(0.3) ? prng.pick([1_000, 4_000]) : Infinity,
    crashNewLeaderChance: isMassacre ? prng.pick([0.5, 0.8]) : prng.pick([0, 0, 0.2]),
    partitionEveryMs: isMassacre ? prng.pick([100, 300]) : stormy([300, 1_000]),
    resetEveryMs: stormy([60, 300]),
    pauseEveryMs: stormy([200, 1_000]),
    diskSlowEveryMs: stormy([200, 1_000]),
    hasWipe: prng.chance(0.2),
  }
}
