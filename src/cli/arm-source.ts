import { existsSync } from 'node:fs'
import { randomInt } from 'node:crypto'

import { gather } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { refuseUnlessCan } from '../profile/engine.ts'
import { ProfileLibrary } from '../profile/library.ts'
import { readProfile } from '../profile/profile-text.ts'
import type { Profile } from '../profile/profile.ts'
import type { Plan } from '../profile/plan.ts'
import type { Arm } from '../tune/arm.ts'
import type { CompareFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import { readProfileFile, readShippedProfiles } from './profile-files.ts'

const ARMS_MAX = 8
const FRESH_SEED_END = 1_000_000_000
/** Of a phase; there are many trials. */
const PHASE_MS = 3_000

/** What an argument of `compare` means: a path, by what it looks like or because it is there, or a profile's name. */
export function armKind(argument: string): 'zoo.cfg' | 'profile-file' | 'profile' {
  if (argument.endsWith('.ini')) return 'profile-file'
  return /[/\\]/.test(argument) || argument.endsWith('.cfg') || existsSync(argument) ? 'zoo.cfg' : 'profile'
}

/**
 * A plan for each argument, over the same flags, with the same seed and load. Faults of all of them are added to `faults`, each once.
 *
 * @returns those whose plan could be made
 */
export function readArms(names: readonly string[], flags: CompareFlags, faults: Fault[]): readonly Arm[] {
  const found: Fault[] = []
  if (names.length < 2 || names.length > ARMS_MAX) {
    const what = `${names.length} ${names.length === 1 ? 'thing is' : 'things are'} no comparison`
    const mend = `Name 2 to ${ARMS_MAX}: zoo.cfg files or profiles. The same one twice shows how much the machine itself varies.`
    found.push({ code: 'UsageConflict', where: 'zktune compare', what, mend })
  }
  refuseRemote(flags, faults)
  if (flags.engine === 'remote') return []
  const freshSeed = randomInt(FRESH_SEED_END)
  const arms = names.flatMap((name, index): readonly Arm[] => {
    const plan = gather(found, () => planOfArm(name, flags, found))
    if (plan === null) return []
    const length = flags.duration === undefined ? { durationMs: usualMs(plan) } : {}
    const seed = flags.seed === undefined ? { seed: freshSeed } : {}
    return [{ label: String.fromCharCode(65 + index), name, plan: { ...plan, ...length, ...seed } }]
  })
  // What is wrong with a flag is wrong in every arm.
  const told = new Set<string>()
  for (const fault of found) {
    const text = `${fault.where}\n${fault.what}`
    if (!told.has(text)) faults.push(fault)
    told.add(text)
  }
  return arms
}

function planOfArm(name: string, flags: CompareFlags, faults: Fault[]): Plan | null {
  const kind = armKind(name)
  if (kind !== 'zoo.cfg') {
    const profile = profileOf(name, kind)
    if (profile.concern === 'workload') {
      const what = `"${name}" says what clients do, and arms must differ in what the servers are`
      const mend = `Give it to all of them: --workload ${name}.`
      faults.push({ code: 'UsageConflict', where: name, what, mend })
      return null
    }
  }
  const own = kind === 'zoo.cfg' ? { config: name } : { profile: [...(flags.profile ?? []), asArgument(name, kind)] }
  const { profile, ...shared } = flags
  return readPlan({ ...shared, ...(profile === undefined ? {} : { profile }), ...own })
}

/** A file in this folder needs a sign that it is one. */
function asArgument(name: string, kind: 'profile-file' | 'profile'): string {
  return kind === 'profile-file' && !name.includes('/') ? `./${name}` : name
}

function profileOf(name: string, kind: 'profile-file' | 'profile'): Profile {
  if (kind === 'profile-file') return readProfile(readProfileFile(name))
  return ProfileLibrary.read(readShippedProfiles()).get(name, `zktune compare ${name}`)
}

/** Fresh ensembles are what a comparison is made of. */
function refuseRemote({ engine }: CompareFlags, faults: Fault[]): void {
  if (engine === 'remote') refuseUnlessCan('remote', 'boot', '--engine remote', faults)
}

/** Of all phases that a trial has. */
function usualMs({ load }: Plan): number {
  return load.kind === 'capacity' ? 2 * PHASE_MS : PHASE_MS
}
