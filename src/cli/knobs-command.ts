import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { refuseUnlessCan } from '../profile/engine.ts'
import { knobsText } from '../report/knobs-text.ts'
import { searchSpaceOf } from '../tune/space/search-space.ts'
import type { KnobsDocument } from './documents.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import { usableCores } from './host-facts.ts'
import type { KnobsFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import { releaseOf } from './release-flag.ts'
import type { Shell } from './shell.ts'
import { choicesOf, wishesOf } from './space-wishes.ts'

/** Shows what `recommend` would search with the same flags. */
export function knobs(flags: KnobsFlags, shell: Shell): ExitCode {
  const faults: Fault[] = []
  if (flags.engine === 'remote') refuseUnlessCan('remote', 'settings', '--engine remote', faults)
  throwFaults(faults)
  const plan = readPlan(flags, faults)
  const choices = choicesOf(plan, flags, null, faults)
  throwFaults(faults)
  const wishes = wishesOf(flags, releaseOf(flags.zookeeperVersion), choices)
  const space = searchSpaceOf(plan, wishes, usableCores())
  if (flags.json === true) {
    const shown = space.dimensions.map(({ key, knob, range, start, fallback, because }) => {
      return { key, tier: knob.tier, range, start, default: fallback, trades: knob.trades, because }
    })
    const document: KnobsDocument = {
      schemaVersion: 1,
      command: 'knobs',
      engine: plan.engine,
      workload: plan.workload.name,
      searched: shown,
      left: space.left,
    }
    shell.print(`${JSON.stringify(document, null, 2)}\n`)
  } else {
    const subject = `the engine ${plan.engine} under ${plan.workload.name}`
    shell.print(knobsText(space, subject, shell.terminal))
  }
  return EXIT.done
}
