import { ZktuneError } from '../kernel/errors.ts'
import type { Prng } from '../kernel/prng.ts'
import { HEALTHY_LINK } from './link.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimClock } from './sim-clock.ts'
import { HEALTHY_DISK, type SimDisk } from './sim-disk.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimProcess } from './sim-process.ts'

/** What can go wrong in a world. A short-lived fault heals by itself; `bitRot` and `wipe` leave enough disks. */
export const FAULT_KINDS = [
  'kill', // the process dies and comes back
  'power', // the machine loses power and comes back
  'powerAll', // all machines lose power at once
  'partition', // the hosts fall into two groups that cannot talk
  'isolate', // one replica can talk to nobody
  'oneWay', // one direction between two hosts is dead
  'reset', // a connection breaks
  'slowLink', // one direction is slow and narrow
  'slowDisk',
  'syncHang', // one sync takes seconds
  'syncFailure', // one sync fails
  'bitRot', // a bit flips while the machine is off
  'wipe', // a machine comes back with an empty disk
  'wallJump', // someone sets the clock
  'drift', // a monotonic clock runs fast or slow
  'pause', // an event loop stands still
  'lostSnapshots', // a machine comes back without its snapshots; only where servers may start so
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/** Which kinds strike in a world, and their mean intervals in virtual milliseconds. */
export type FaultPlan = ReadonlyMap<FaultKind, number>

const INTERVAL_MIN_MS = 400
const INTERVAL_MAX_MS = 25_000

/**
 * Swarm testing (Groce et al., ISSTA 2012): each seed switches a random half of the faults off, for a world in which
 * everything goes wrong all the time never gets far enough for the rarer mistakes.
 *
 * @param kinds what may be drawn; all of them are active when there are three or fewer
 */
export function drawFaults(prng: Prng, kinds: readonly FaultKind[]): Map<FaultKind, number> {
  const plan = new Map<FaultKind, number>()
  for (const kind of kinds) {
    const isActive = prng.chance(0.5) || kinds.length <= 3
    const intervalMs = Math.round(INTERVAL_MIN_MS * (INTERVAL_MAX_MS / INTERVAL_MIN_MS) ** prng.float())
    if (isActive) plan.set(kind, intervalMs)
  }
  return plan
}

/** @param text `none`, `swarm` or a list of kinds with commas between, as `--faults` takes it */
export function parseFaultKinds(text: string): readonly FaultKind[] {
  if (text === 'none') return []
  if (text === 'swarm') return FAULT_KINDS
  return text.split(',').map((word) => {
    const kind = FAULT_KINDS.find((known) => known === word)
    if (kind !== undefined) return kind
    throw new ZktuneError('UnknownName', {
      where: '--faults',
      what: `there is no fault "${word}"`,
      mend: `Write none, swarm, or some of ${FAULT_KINDS.join(',')}.`,
    })
  })
}

/** One replica's machine, as faults meet it. */
export interface Machine {
  readonly process: SimProcess
  readonly disk: SimDisk
  readonly clock: SimClock
  /** A bit flips somewhere on its disk. @returns the path, null when there was nothing to harm */
  rot(prng: Prng): string | null
  /** Its snapshots are gone, and its log is there. */
  loseSnapshots(): void
}

export interface FaultTargets {
  readonly scheduler: Scheduler
  readonly network: SimNetwork
  readonly machines: readonly Machine[]
  /** Whether the disks of these may be lost, and what was chosen is still known. */
  maySpare(machines: readonly Machine[]): boolean
  /** Hosts of clients: partitions touch them too. */
  readonly clientHosts: readonly string[]
  /** Told what happens, for a trace a person can follow. */
  note(text: string): void
}

/** Lets the faults of a plan strike until it is stopped. */
export class FaultDriver {
  readonly #plan: FaultPlan
  readonly #targets: FaultTargets
  #isStopped = false
  /** Machines whose disks were wiped or rotted. */
  readonly #damaged: Machine[] = []

  constructor(plan: FaultPlan, prng: Prng, targets: FaultTargets) {
    this.#plan = plan
    this.#targets = targets
    for (const [kind, intervalMs] of plan) this.#arm(kind, intervalMs, prng.fork(kind))
  }

  get plan(): FaultPlan {
    return this.#plan
  }

  /** No fault strikes any more; links, disks and clocks are healthy, and every machine is on. */
  stop(): void {
    this.#isStopped = true
    this.#targets.network.heal()
    for (const machine of this.#targets.machines) {
      machine.disk.conditions = { ...HEALTHY_DISK }
      machine.clock.setRate(1)
      if (!machine.process.isUp) machine.process.restart()
    }
  }

  #arm(kind: FaultKind, intervalMs: number, prng: Prng): void {
    const waitMs = -Math.log(1 - prng.float()) * intervalMs
    this.#targets.scheduler.after(waitMs, `fault ${kind}`, () => {
      if (this.#isStopped) return
      this.#strike(kind, prng)
      this.#arm(kind, intervalMs, prng)
    })
  }

  #strike(kind: FaultKind, prng: Prng): void {
    const { machines, network } = this.#targets
    const victim = prng.pick(machines)
    const { name } = victim.process
    const forMs = Math.round(50 * 160 ** prng.float())
    switch (kind) {
      case 'kill':
        this.#crash(victim, 'kill', prng.chance(0.3) ? 1 : forMs)
        break
      case 'power':
        this.#crash(victim, 'power', forMs)
        break
      case 'powerAll':
        for (const machine of machines) this.#crash(machine, 'power', prng.between(1, 1000))
        break
      case 'partition':
        this.#partition(prng, forMs)
        break
      case 'isolate':
        this.#note(`${name} is isolated for ${forMs} ms`)
        for (const host of this.#hosts()) {
          this.#block(name, host, forMs)
          this.#block(host, name, forMs)
        }
        break
      case 'oneWay': {
        const other = prng.pick(this.#hosts())
        this.#note(`nothing gets from ${name} to ${other} for ${forMs} ms`)
        this.#block(name, other, forMs)
        break
      }
      case 'reset': {
        const other = prng.pick(this.#hosts())
        this.#note(`a connection between ${name} and ${other} breaks`)
        network.reset(name, other)
        break
      }
      case 'slowLink': {
        const other = prng.pick(this.#hosts())
        const delayMs = [prng.between(1, 50), prng.between(50, 400)] as const
        this.#note(`the link from ${name} to ${other} is slow for ${forMs} ms`)
        network.setLink(name, other, { delayMs, bytesPerMs: prng.between(10, 10_000) })
        this.#later(forMs, () =>
          network.setLink(name, other, { delayMs: HEALTHY_LINK.delayMs, bytesPerMs: HEALTHY_LINK.bytesPerMs }),
        )
        break
      }
      case 'slowDisk':
        this.#note(`the disk of ${name} is slow for ${forMs} ms`)
        this.#changeDisk(victim, forMs, { syncMs: [prng.between(2, 20), prng.between(20, 300)], writeMs: [0, 20] })
        break
      case 'syncHang':
        this.#note(`a sync of ${name} will hang`)
        this.#changeDisk(victim, 200, { syncHangChance: 0.5, hangMs: prng.between(500, 8_000) })
        break
      case 'syncFailure':
        this.#note(`a sync of ${name} will fail`)
        this.#changeDisk(victim, 200, { syncFailureChance: 0.3 })
        break
      case 'bitRot':
      case 'wipe':
      case 'lostSnapshots':
        this.#damage(victim, kind, prng, forMs)
        break
      case 'wallJump':
        victim.clock.jumpWall(prng.between(-3_600_000, 3_600_000))
        this.#note(`the wall clock of ${name} jumps`)
        break
      case 'drift':
        victim.clock.setRate(0.95 + prng.float() * 0.1)
        this.#note(`the clock of ${name} drifts`)
        break
      case 'pause':
        this.#note(`${name} stands still for ${forMs} ms`)
        victim.process.pause(forMs)
    }
  }

  #crash(machine: Machine, kind: 'kill' | 'power', downMs: number): void {
    if (!machine.process.isUp) return
    this.#note(`${machine.process.name} is down (${kind}) for ${downMs} ms`)
    machine.process.crash(kind)
    this.#later(downMs, () => {
      if (!machine.process.isUp) machine.process.restart()
    })
  }

  #damage(machine: Machine, kind: 'bitRot' | 'wipe' | 'lostSnapshots', prng: Prng, downMs: number): void {
    if (!machine.process.isUp || !this.#targets.maySpare([...this.#damaged, machine])) return
    this.#damaged.push(machine)
    // Snapshots are lost by somebody's hand; what was not synced is still there then.
    machine.process.crash(kind === 'lostSnapshots' ? 'kill' : 'power')
    if (kind === 'wipe') {
      machine.disk.wipe()
      this.#note(`${machine.process.name} lost its disk, back in ${downMs} ms`)
    } else if (kind === 'lostSnapshots') {
      machine.loseSnapshots()
      this.#note(`${machine.process.name} lost its snapshots, back in ${downMs} ms`)
    } else {
      const path = machine.rot(prng)
      this.#note(`a bit of ${path} of ${machine.process.name} flipped, back in ${downMs} ms`)
    }
    this.#later(downMs, () => {
      if (!machine.process.isUp) machine.process.restart()
    })
  }

  #partition(prng: Prng, forMs: number): void {
    const hosts = prng.shuffle(this.#hosts())
    const size = prng.between(1, hosts.length - 1)
    const group = hosts.slice(0, size)
    this.#note(`${group.join(' ')} cannot talk to the others for ${forMs} ms`)
    for (const inside of group) {
      for (const outside of hosts.slice(size)) {
        this.#block(inside, outside, forMs)
        this.#block(outside, inside, forMs)
      }
    }
  }

  #block(from: string, to: string, forMs: number): void {
    const { network } = this.#targets
    network.setLink(from, to, { isBlocked: true })
    this.#later(forMs, () => network.setLink(from, to, { isBlocked: false }))
  }

  #changeDisk(machine: Machine, forMs: number, change: Partial<SimDisk['conditions']>): void {
    Object.assign(machine.disk.conditions, change)
    this.#later(forMs, () => {
      machine.disk.conditions = { ...HEALTHY_DISK }
    })
  }

  #hosts(): string[] {
    return [...this.#targets.machines.map((machine) => machine.process.name), ...this.#targets.clientHosts]
  }

  /** Undoing a fault; `stop` has undone everything already. */
  #later(delayMs: number, undo: () => void): void {
    this.#targets.scheduler.after(delayMs, 'fault over', () => {
      if (!this.#isStopped) undo()
    })
  }

  #note(text: string): void {
    this.#targets.note(text)
  }
}
