import { ZktuneError } from '../kernel/errors.ts'

/** The flags of which a command line can have one, for each gives stdout to another reader. */
export interface OutputForms {
  readonly json?: boolean
  readonly sarif?: boolean
  readonly plain?: boolean
  readonly quiet?: boolean
  readonly csv?: boolean
  readonly markdown?: boolean
}

const FORMS = ['json', 'sarif', 'plain', 'quiet', 'csv', 'markdown'] as const

/** @throws ZktuneError UsageConflict when two are given */
export function refuseTwoForms(flags: OutputForms, where: string): void {
  const given = FORMS.filter((form) => flags[form] === true)
  const [one, other] = given
  if (one === undefined || other === undefined) return
  throw new ZktuneError('UsageConflict', {
    where,
    what: `--${one} and --${other} both say what is printed`,
    mend: 'Give one of them.',
  })
}

/** `--plain`: one record a line, its fields apart by a tab, which no field has. */
export function recordsText(records: readonly (readonly (string | null)[])[]): string {
  return records
    .map((fields) => `${fields.map((field) => (field ?? '').replace(/[\t\r\n]/g, ' ')).join('\t')}\n`)
    .join('')
}
