import type { Parts } from '../../src/server/zoo-server.ts'
import { CoreWorld } from '../../src/sim/core-world.ts'
import type { CoreParts } from '../../src/sim/core-node.ts'
import { formText } from '../../src/sim/form.ts'
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
  /** Virtual milliseconds with faults; null takes the world's own. */
  readonly stormMs: number | null
}

export interface SeedOutcome {
  readonly violations: readonly string[]
  readonly slotCount: number
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
  if (run.stormMs !== null) words.push(`--storm ${run.stormMs}`)
  return words.join(' ')
}

/** @param onNote hears what happens, line by line; null when nobody wants to know */
export function runSeed(run: SeedRun, onNote: ((text: string) => void) | null): SeedOutcome {
  return run.world === 'core' ? runCore(run, onNote) : runServers(run, onNote)
}

function runCore(run: SeedRun, onNote: ((text: string) => void) | null): SeedOutcome {
  const { seed, replicas } = run
  const parts = coreParts(run.plant)
  const stormMs = run.stormMs ?? CORE_STORM_MS
  const world = new CoreWorld({ seed, replicas, stormMs, ...(parts === null ? {} : { parts }) })
  world.onNote = onNote
  const { violations, chosenCount, leaderCount } = world.run()
  return { violations, slotCount: chosenCount, text: `${chosenCount} slots, ${leaderCount} leaders` }
}

function runServers(run: SeedRun, onNote: ((text: string) => void) | null): SeedOutcome {
  const { seed, replicas, plant } = run
  const parts = coreParts(plant)
  const world = new World({
    seed,
    replicas,
    faults: parseFaultKinds(run.faults),
    stormMs: run.stormMs ?? SERVER_STORM_MS,
    makeParts: parts === null ? null : () => serverParts(parts),
    meddle: plant === 'resends-forwarded-writes' ? resendingLink() : null,
  })
  world.onNote = onNote
  onNote?.(formText(world.form))
  onNote?.(`faults: ${[...world.plan].map(([kind, everyMs]) => `${kind} every ${everyMs} ms`).join(', ')}`)
  const { violations, slotCount, writesAnswered, readsAnswered } = world.run()
  const text = `${slotCount} slots, ${writesAnswered} writes and ${readsAnswered} reads answered`
  return { violations, slotCount, text }
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
