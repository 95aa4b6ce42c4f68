import type { Parts } from '../../src/server/zoo-server.ts'
import { CoreWorld } from '../../src/sim/core-world.ts'
import type { CoreParts } from '../../src/sim/core-node.ts'
import { formKinds, formText, type FormKind } from '../../src/sim/form.ts'
import { parseFaultKinds } from '../../src/sim/faults.ts'
import { World } from '../../src/sim/world.ts'
import { CORE_PLANTS } from './planted-core.ts'
import { resendingLink } from './planted-world.ts'

/** The mistakes that can be planted, and the worlds that should notice. */
export const PLANTS = { ...CORE_PLANTS, 'resends-forwarded-writes': null } as const
export type Plant = keyof typeof PLANTS

export type WorldKind = 'server' | 'core'

/** All that a run depends on. */
export interface SeedRun {
  readonly seed: number
  /** `server`: real servers and clients over TCP. `core`: the consensus core alone, on a worse network. */
  readonly world: WorldKind
  readonly replicas: 3 | 5
  /** `swarm`, `none`, or kinds with commas between; for the server world. */
  readonly faults: string
  readonly plant: Plant | null
  /** What the ensemble must be, whatever else is drawn; null for anything. */
  readonly form: FormKind | null
  /** `plain`: servers differ by voters, observers and quorums alone; else lines of zoo.cfg are drawn, too. */
  readonly settings: 'drawn' | 'plain'
  /** Virtual milliseconds with faults; null takes the world's own. */
  readonly stormMs: number | null
}

export interface SeedOutcome {
  readonly violations: readonly string[]
  readonly slotCount: number
  readonly kinds: readonly FormKind[]
  /** A line of figures. */
  readonly text: string
}

const CORE_STORM_MS = 3_000
const SERVER_STORM_MS = 10_000

/** Every seed has a world of its own kind, unless it is asked for another: mostly three real servers. */
export function worldOfSeed(seed: number): { readonly world: WorldKind; readonly replicas: 3 | 5 } {
  // Neighbours are alike, so that two processes that take turns have the same share.
  const draw = Math.floor(seed / 2) % 8
  return { world: draw < 5 ? 'server' : 'core', replicas: draw === 4 || draw === 7 ? 5 : 3 }
}

export function replayCommand(run: SeedRun): string {
  const words = ['npm run sim --', `--seed ${run.seed}`, `--world ${run.world}`, `--replicas ${run.replicas}`]
  if (run.world === 'server' && run.faults !== 'swarm') words.push(`--faults ${run.faults}`)
  if (run.plant !== null) words.push(`--plant ${run.plant}`)
  if (run.form !== null) words.push(`--form ${run.form}`)
  if (run.settings === 'plain') words.push('--settings plain')
  if (run.stormMs !== null) words.push(`--storm ${run.stormMs}`)
  return words.join(' ')
}

/** @param onNote hears what happens, line by line; null when nobody wants to know */
export function runSeed(run: SeedRun, onNote: ((text: string) => void) | null): SeedOutcome {
  return run.world === 'core' ? runCore(run, onNote) : runServers(run, onNote)
}

function runCore(run: SeedRun, onNote: ((text: string) => void) | null): SeedOutcome {
  const { seed, replicas, form: wish } = run
  const parts = coreParts(run.plant)
  const stormMs = run.stormMs ?? CORE_STORM_MS
  const world = new CoreWorld({ seed, replicas, wish, stormMs, ...(parts === null ? {} : { parts }) })
  world.onNote = onNote
  const { violations, chosenCount, leaderCount } = world.run()
  const text = `${chosenCount} slots, ${leaderCount} leaders; ${formText(world.form)}`
  return { violations, slotCount: chosenCount, kinds: formKinds(world.form), text }
}

function runServers(run: SeedRun, onNote: ((text: string) => void) | null): SeedOutcome {
  const { seed, replicas, plant } = run
  const parts = coreParts(plant)
  const world = new World({
    seed,
    replicas,
    wish: run.form,
    drawsLines: run.settings === 'drawn',
    faults: parseFaultKinds(run.faults),
    stormMs: run.stormMs ?? SERVER_STORM_MS,
    makeParts: parts === null ? null : () => serverParts(parts),
    meddle: plant === 'resends-forwarded-writes' ? resendingLink() : null,
  })
  world.onNote = onNote
  onNote?.(formText(world.form))
  onNote?.(`faults: ${[...world.plan].map(([kind, everyMs]) => `${kind} every ${everyMs} ms`).join(', ')}`)
  const { violations, slotCount, writesAnswered, readsAnswered } = world.run()
  const answered = `${slotCount} slots, ${writesAnswered} writes and ${readsAnswered} reads answered`
  const text = `${answered}; ${formText(world.form)}`
  return { violations, slotCount, kinds: formKinds(world.form), text }
}

function coreParts(plant: Plant | null): CoreParts | null {
  return plant === null || plant === 'resends-forwarded-writes' ? null : CORE_PLANTS[plant]()
}

function serverParts(parts: CoreParts): Parts {
  return {
    makeAcceptor: (recovered, isVoting) => parts.makeAcceptor(recovered, isVoting),
    makeLearner: (chosenSlot) => parts.makeLearner(chosenSlot),
    quorum: (configured, members) => parts.quorum(configured, members),
  }
}
