/** A zoo.cfg file as a set of settings: what of it counts, and what is odd about its keys. */
import { suggestKey, findKnob } from './catalogue.ts'
import { engineSupport } from './engine-support.ts'
import { noFindings } from './findings.ts'
import type { Findings, NotHonoured, Setting } from './findings.ts'
import { isMemberKey } from './members.ts'
import { javaTrim, readProperties } from './properties.ts'
import type { Properties } from './properties.ts'
import { shownValue } from './secrets.ts'
import { SettingReader } from './setting-reader.ts'

export interface ZooCfg {
  /** As it is called in errors. */
  readonly file: string
  readonly properties: Properties
  /** By key, of duplicates the last; in the order of the file. */
  readonly settings: ReadonlyMap<string, Setting>
  readonly findings: Findings
}

/** @param text decoded as latin1 when it comes from a file: Apache reads bytes, and no byte gets lost so */
export function readZooCfg(file: string, text: string): ZooCfg {
  const properties = readProperties(text)
  const findings = noFindings()
  for (const { line } of properties.malformed) {
    findings.faults.push({
      code: 'BadConfigValue',
      where: `${file}:${line}`,
      what: 'a \\u is not followed by four hexadecimal digits',
      mend: 'Write \\\\u for a backslash and a u: ZooKeeper refuses the whole file otherwise.',
    })
  }
  const settings = new Map<string, Setting>()
  for (const entry of properties.entries) {
    const key = javaTrim(entry.key)
    const setting = { key, value: javaTrim(entry.value), where: `${file}:${entry.line}` }
    const earlier = settings.get(key)
    if (earlier !== undefined) {
      findings.remarks.push({
        kind: 'duplicate-key',
        key,
        where: setting.where,
        what: `${key} is given again, after ${earlier.where}: this line counts`,
        mend: 'Delete the other one.',
      })
    }
    settings.set(key, setting)
  }
  return { file, properties, settings, findings }
}

/**
 * Looks at every setting that `readEngineSettings` does not: remarks unknown keys and those that only the built-in engine
 * takes from zoo.cfg, refuses what Apache's parser refuses.
 *
 * @returns what the built-in engine does not act on, in the order of the settings
 */
export function checkOtherSettings(settings: Iterable<Setting>, findings: Findings): readonly NotHonoured[] {
  const reader = new SettingReader(new Map(), findings)
  const notHonoured: NotHonoured[] = []
  for (const setting of settings) {
    const { key } = setting
    const support = engineSupport(key)
    const knob = findKnob(key)
    if (support.honoured) {
      if (knob?.inZooCfg === false) remarkProperty(setting, findings)
      if (knob?.type === 'enum' && knob.key !== 'forceSync') reader.checkOnly(setting, knob)
      continue
    }
    notHonoured.push({ key, reason: support.reason })
    if (knob !== null && !isMemberKey(key)) reader.checkOnly(setting, knob)
    if (support.why === 'unknown') remarkUnknown(setting, findings)
  }
  return notHonoured
}

function remarkProperty({ key, value, where }: Setting, findings: Findings): void {
  findings.remarks.push({
    kind: 'differs-from-apache',
    key,
    where,
    what: `${key} works here, but does nothing in the zoo.cfg of an Apache server`,
    mend: `For Apache give -D${key}=${shownValue(key, value)} to the JVM of every server.`,
  })
}

function remarkUnknown({ key, where }: Setting, findings: Findings): void {
  const meant = suggestKey(key)
  findings.remarks.push({
    kind: 'unknown-key',
    key,
    where,
    what: `ZooKeeper has no setting "${key}", so the line does nothing`,
    mend: meant === null ? 'Delete the line.' : `Did you mean "${meant}"?`,
  })
}
