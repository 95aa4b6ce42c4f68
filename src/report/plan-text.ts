import type { Plan, Workload } from '../profile/plan.ts'
import { grouped, seconds } from './figures.ts'
import type { Style } from './style.ts'
import { plainTable, wrapped } from './table.ts'

/** What `--print-config` prints: what would run, and every setting with where it comes from. Ends with a newline. */
export function planText(plan: Plan, style: Style): string {
  const { cluster, storage, security } = plan.profiles
  const mix = Object.entries(plan.workload.mix).map(([kind, weight]) => `${kind} ${weight}`)
  const lines = [
    `cluster      ${cluster}, ${plan.voters} ${plan.voters === 1 ? 'server' : 'servers'} (${plan.engine})`,
    `storage      ${storage}${plan.isUnsafe ? ' (UNSAFE: a power cut loses acknowledged writes)' : ''}`,
    `security     ${security}`,
    `data         ${plan.dataParent ?? "the system's temporary folder"}`,
    `log          ${plan.logParent ?? 'with the data'}`,
    `workload     ${plan.workload.name}: ${mix.join(', ')}`,
    `load         ${loadText(plan.workload, style)}`,
    `length       ${seconds(plan.durationMs)} s after ${seconds(plan.warmupMs)} s of warm-up`,
    `seed         ${plan.seed}`,
    '',
    plainTable(
      (['setting', 'value', 'from'] as const).map((title) => ({ title, align: 'left' })),
      plan.settings.map(({ key, value, origin }) => [key, value, origin]),
      style,
    ),
  ]
  if (plan.notHonoured.length > 0) {
    lines.push('', 'Given, but not acted on by this engine:')
    for (const { key, reason } of plan.notHonoured) lines.push(...wrapped(`${key}: ${reason}`, style.columns))
  }
  return `${lines.join('\n')}\n`
}

/** `8 sessions × 8 in flight, 1,024-byte values, 1,000 znodes` */
export function loadText({ sessions, inFlight, valueSizeBytes, keyCount }: Workload, style: Style): string {
  const load = `${sessions} ${sessions === 1 ? 'session' : 'sessions'} ${style.hasUnicode ? '×' : 'x'} ${inFlight} in flight`
  return `${load}, ${grouped(valueSizeBytes)}-byte values, ${grouped(keyCount)} znodes`
}
