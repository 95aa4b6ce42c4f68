/** Every file of a recommendation, by its path in the folder. */
import { readZooCfg } from '../../zoocfg/zoo-cfg.ts'
import { containerFiles } from './containers.ts'
import { heapFor, javaEnv } from './java-env.ts'
import type { ChangeVerdict, TuningResult, TuningVerdict } from '../recommend/tuning.ts'
import type { Recommendation } from './recommendation.ts'
import { recommendationPage } from './recommendation-page.ts'
import { zooCfgFile } from './zoo-cfg-file.ts'

export interface OutputFile {
  readonly name: string
  readonly text: string
}

/** @param startText the user's zoo.cfg, decoded as latin1; null: there is none */
export function recommendationFiles(recommendation: Recommendation, startText: string | null): readonly OutputFile[] {
  const { recommendedPlan: plan, tuning, tree, host, zookeeperVersion } = recommendation
  const zooCfg = zooCfgFile(recommendation, startText)
  const described = [
    { name: 'zoo.cfg', text: zooCfg, about: 'the recommended configuration; each changed line says why' },
    {
      name: 'java.env',
      text: javaEnv(plan, tree, host.memoryBytes),
      about: 'heap and JVM-only settings, for conf/ of Apache',
    },
    ...myids(plan.voters + plan.observers),
    ...containersOf(),
    {
      name: 'result.json',
      text: `${JSON.stringify(recommendationJson(recommendation), null, 2)}\n`,
      about: 'all of this for programs; what --json prints',
    },
  ]
  const journal = { name: 'journal.ndjson', about: 'every trial, in the order in which they were made' }
  const page = recommendationPage(recommendation, [...described, journal])
  const files = described.map(({ name, text }) => ({ name, text }))
  // Where nothing works there is nothing to deploy.
  return tuning.verdict.kind === 'nothing-works'
    ? [...files.filter(({ name }) => name === 'result.json'), { name: 'RECOMMENDATION.md', text: page }]
    : [...files, { name: 'RECOMMENDATION.md', text: page }]

  function containersOf(): ReturnType<typeof containerFiles> {
    const { settings } = readZooCfg('zoo.cfg', zooCfg)
    const values = new Map([...settings].map(([key, { value }]) => [key, value]))
    return containerFiles({
      settings: values,
      plan,
      zookeeperVersion,
      heapMiB: heapFor(tree, host.memoryBytes).heapMiB,
    })
  }
}

/** `zktune recommend --json`, and result.json: maps are objects, and the trials stay in the journal. */
export interface RecommendDocument extends Omit<Recommendation, 'tuning'> {
  /** Where the files are; absent in result.json, which is one of them. */
  readonly folder?: string
  readonly verdict: TuningVerdict
  readonly changes: readonly ChangeVerdict[]
  readonly importance: TuningResult['importance']
  /** By key, every knob that was searched. */
  readonly start: Readonly<Record<string, string>>
  readonly recommended: Readonly<Record<string, string>>
  /** All that ran, short ones and failed ones too. */
  readonly trials: number
  /** In trials of full length, as a budget counts them. */
  readonly spentTrials: number
}

export function recommendationJson({ tuning, ...rest }: Recommendation): RecommendDocument {
  const { verdict, changes, importance, start, recommended, records, spentTrials } = tuning
  return {
    ...rest,
    verdict,
    changes,
    importance,
    start: Object.fromEntries(start),
    recommended: Object.fromEntries(recommended),
    trials: records.length,
    spentTrials,
  }
}

function myids(count: number): readonly (OutputFile & { readonly about: string })[] {
  if (count === 1) return []
  return Array.from({ length: count }, (_, index) => ({
    name: `server-${index + 1}/myid`,
    text: `${index + 1}\n`,
    about: `goes into the dataDir of server.${index + 1}`,
  }))
}
