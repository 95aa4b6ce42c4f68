import { assert } from '../kernel/assert.ts'
import type { Timer } from '../kernel/ports.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * How a process ends: `kill` takes the process only (the operating system closes its sockets and keeps what it wrote),
 * `power` takes the machine (no farewell to anyone, and unsynced data is at risk).
 */
export type CrashKind = 'kill' | 'power'

/**
 * One operating-system process on a machine of its own. All its callbacks go through here, so that nothing of an
 * incarnation runs once it has crashed, and everything waits while it is paused.
 */
export class SimProcess {
  /** Also the name of its host on the network. */
  readonly name: string
  readonly scheduler: Scheduler
  /** Called when a callback threw: the process is already dead of it. */
  onFailure: (error: unknown) => void = (error) => {
    throw error
  }
  #incarnation = 0
  #isUp = false
  #isPowered = true
  #isPaused = false
  #held: (() => void)[] = []
  readonly #main: () => void
  readonly #crashHooks: ((kind: CrashKind) => void)[] = []
  readonly #wakeHooks: (() => void)[] = []

  /** @param main what the process does first, at each start */
  constructor(scheduler: Scheduler, name: string, main: () => void) {
    this.scheduler = scheduler
    this.name = name
    this.#main = main
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** False from a power failure to the next start: nobody answers for this host. */
  get isPowered(): boolean {
    return this.#isPowered
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Counts the starts. */
  get incarnation(): number {
    return this.#incarnation
  }

  /** Disks and networks learn here that their process has ended. */
  onCrash(hook: (kind: CrashKind) => void): void {
    this.#crashHooks.push(hook)
  }

  /** Networks learn here that their process listens again: it has started, or its pause is over. */
  onWake(hook: () => void): void {
    this.#wakeHooks.push(hook)
  }

  /** Starts the process, the first time or again. */
  restart(): void {
    assert(!this.#isUp, 'a process that starts is down')
    this.#isUp = true
    this.#isPowered = true
    this.#incarnation++
    this.run(this.#main)
    this.#wake()
  }

  crash(kind: CrashKind = 'kill'): void {
    if (!this.#isUp) return
    this.#isUp = false
    this.#isPaused = false
    this.#held = []
    if (kind === 'power') this.#isPowered = false
    for (const hook of this.#crashHooks) hook(kind)
  }

  /** Stops the event loop for a while: a long garbage collection, a stalled virtual machine. */
  pause(durationMs: number): void {
    if (!this.#isUp || this.#isPaused) return
    this.#isPaused = true
    const incarnation = this.#incarnation
    this.scheduler.after(durationMs, `${this.name} resumes`, () => {
      if (this.#incarnation !== incarnation || !this.#isUp) return
      this.#isPaused = false
      const held = this.#held
      this.#held = []
      for (const callback of held) this.#runIf(incarnation, callback)
      this.#wake()
    })
  }

  /** Runs a callback of this process now, or when its pause ends. */
  run(callback: () => void): void {
    this.#runIf(this.#incarnation, callback)
  }

  /** Runs a callback of this incarnation later: not at all, if the process crashes first. */
  later(delayMs: number, what: string, callback: () => void): Timer {
    const incarnation = this.#incarnation
    return this.#cancellable(callback, (run) =>
      this.scheduler.after(delayMs, `${this.name} ${what}`, () => this.#runIf(incarnation, run)),
    )
  }

  /** At this instant, after what is already due. */
  afterTurn(callback: () => void): void {
    const incarnation = this.#incarnation
    this.scheduler.afterTurn(`${this.name} turn`, () => this.#runIf(incarnation, callback))
  }

  /** A cancelled callback does not run either when the pause that held it ends. */
  #cancellable(callback: () => void, schedule: (run: () => void) => Timer): Timer {
    let isCancelled = false
    const timer = schedule(() => {
      if (!isCancelled) callback()
    })
    return {
      cancel() {
        isCancelled = true
        timer.cancel()
      },
    }
  }

  #wake(): void {
    for (const hook of this.#wakeHooks) hook()
  }

  #runIf(incarnation: number, callback: () => void): void {
    if (!this.#isUp || this.#incarnation !== incarnation) return
    if (this.#isPaused) {
      this.#held.push(callback)
      return
    }
    try {
      callback()
    } catch (error) {
      this.crash('kill')
      this.onFailure(error)
    }
  }
}
