import { existsSync } from 'node:fs'

import { ZktuneError } from '../kernel/errors.ts'
import { looksLikePath } from '../profile/library.ts'
import {
  differenceCountText,
  effectiveText,
  knobRecords,
  knobText,
  originText,
  valueDiffText,
} from '../report/explain-text.ts'
import { consequencesOf, effectiveValues } from '../zoocfg/effective.ts'
import type { EffectiveValue } from '../zoocfg/effective.ts'
import { suggestKey } from '../zoocfg/catalogue.ts'
import { explainKnob } from '../zoocfg/explain.ts'
import { ServerView } from '../zoocfg/lint/server-view.ts'
import { shownValue } from '../zoocfg/secrets.ts'
import { valueDifferences } from '../zoocfg/value-diff.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { DiffFlags, ExplainFlags } from './options.ts'
import { recordsText, refuseTwoForms } from './output-form.ts'
import { STDIN } from './profile-files.ts'
import { releaseOf } from './release-flag.ts'
import { readOneServer } from './server-files.ts'
import type { Shell } from './shell.ts'

/** @param subject a key, or the path of a configuration */
export function explain(subject: string, flags: ExplainFlags, shell: Shell): ExitCode {
  refuseTwoForms(flags, 'zktune explain')
  const isFile =
    subject === STDIN || looksLikePath(subject) || /\.(cfg|env|ya?ml)(#.+)?$/.test(subject) || existsSync(subject)
  if (isFile) explainFile(subject, flags, shell)
  else explainKey(subject, flags, shell)
  return EXIT.done
}

/** What differs between two files in what counts; 0 whether or not anything does. */
export function diff(paths: readonly [string, string], flags: DiffFlags, shell: Shell): ExitCode {
  refuseTwoForms(flags, 'zktune diff')
  if (paths.every((path) => path === STDIN)) {
    const mend = 'Name a file for one of them.'
    throw new ZktuneError('UsageConflict', { where: 'zktune diff', what: 'stdin can be read once', mend })
  }
  const release = releaseOf(flags.zookeeperVersion)
  const [one, other] = paths.map((path) => new ServerView(readOneServer(path), release)) as [ServerView, ServerView]
  const differences = valueDifferences(one, other)
  if (flags.plain === true) {
    shell.print(recordsText(differences.map(({ key, values: [left, right] }) => [key, left.value, right.value])))
    return EXIT.done
  }
  if (flags.quiet === true) {
    shell.print(`${differenceCountText(differences.length)}\n`)
    return EXIT.done
  }
  shell.print(
    flags.json === true
      ? documentOf('diff', { files: paths, differences })
      : valueDiffText(paths, differences, shell.terminal),
  )
  return EXIT.done
}

function explainKey(key: string, flags: ExplainFlags, shell: Shell): void {
  const explanation = explainKnob(key)
  if (explanation === null) {
    const meant = suggestKey(key)
    throw new ZktuneError('UnknownName', {
      where: key === '' ? 'zktune explain' : key,
      what: 'ZooKeeper has no setting of this name',
      mend: meant === null ? 'Look it up in docs/settings.md.' : `Did you mean ${meant}?`,
    })
  }
  if (flags.plain === true) shell.print(recordsText(knobRecords(explanation)))
  else shell.print(flags.json === true ? documentOf('explain', explanation) : knobText(explanation, shell.terminal))
}

function explainFile(file: string, flags: ExplainFlags, shell: Shell): void {
  const view = new ServerView(readOneServer(file), releaseOf(flags.zookeeperVersion))
  const values = effectiveValues(view).map(withoutSecret)
  const consequences = consequencesOf(view)
  if (flags.json === true) {
    shell.print(documentOf('explain', { file, settings: values.map(asDocument), consequences }))
    return
  }
  if (flags.plain === true) {
    const given = values.filter(({ origin }) => flags.all === true || origin.kind !== 'default')
    shell.print(recordsText(given.map(({ key, value, origin }) => [key, value, originText(origin)])))
    return
  }
  const shown = flags.all === true ? values.map(asShown) : values
  shell.print(effectiveText(file, shown, consequences, shell.terminal))
}

function withoutSecret(value: EffectiveValue): EffectiveValue {
  return value.value === null ? value : { ...value, value: shownValue(value.key, value.value) }
}

function asDocument({ key, knob, value, origin }: EffectiveValue): object {
  return { key, group: knob.group, unit: knob.unit ?? null, value, origin }
}

/** With --all a default is shown like a value that is given. */
function asShown(value: EffectiveValue): EffectiveValue {
  return value.origin.kind === 'default' ? { ...value, origin: { kind: 'derived', rule: 'default' } } : value
}

function documentOf(command: string, content: object): string {
  return `${JSON.stringify({ schemaVersion: 1, command, ...content }, null, 2)}\n`
}
