import { unreachable } from '../kernel/assert.ts'
import type { Findings, Setting } from './findings.ts'
import { javaInt, javaLong, javaSwitch } from './java-number.ts'
import type { Knob } from './knob.ts'

/** Written for "take the default": QuorumPeerConfig cannot tell it from an absent line. */
export const UNSET = -1

export interface NumberRule {
  readonly fallback: number
  readonly min?: number
  readonly max?: number
}

/**
 * Takes typed values out of a set of settings. Apache refuses the file for a bad value of some keys (`refused…`) and
 * falls back to the default for others without a word (`lenient…`); so do we, but with a finding.
 */
export class SettingReader {
  readonly #settings: ReadonlyMap<string, Setting>
  readonly #findings: Findings

  constructor(settings: ReadonlyMap<string, Setting>, findings: Findings) {
    this.#settings = settings
    this.#findings = findings
  }

  get(key: string): Setting | null {
    return this.#settings.get(key) ?? null
  }

  where(key: string): string | null {
    return this.get(key)?.where ?? null
  }

  /** A whole number of 32 bits; a bad one is a fault. */
  refusedInt(key: string, rule: NumberRule, unit: string): number {
    const setting = this.get(key)
    if (setting === null) return rule.fallback
    const value = javaInt(setting.value)
    if (value === null) {
      this.#refuse(setting, `must be a whole number${unitText(unit)} without a unit or a comment behind it`, rule)
      return rule.fallback
    }
    if (value < (rule.min ?? value) || value > (rule.max ?? value)) {
      this.#refuse(setting, `must be ${rangeText(rule)}`, rule)
      return rule.fallback
    }
    return value
  }

  refusedSwitch(key: string, fallback: boolean): boolean {
    const setting = this.get(key)
    if (setting === null) return fallback
    const value = javaSwitch(setting.value)
    if (value === null) this.#refuse(setting, 'must be true or false', { fallback: String(fallback) })
    return value ?? fallback
  }

  /** `Boolean.parseBoolean`: true in any case of letters is true, any other word is false. */
  lenientSwitch(key: string, fallback: boolean): boolean {
    const setting = this.get(key)
    if (setting === null) return fallback
    const value = javaSwitch(setting.value)
    if (value === null) {
      this.#findings.remarks.push({
        kind: 'bad-value',
        key,
        where: setting.where,
        what: `${key} is "${setting.value}", which counts as false: only the word true turns it on`,
        mend: `Write ${key}=true or ${key}=false.`,
      })
    }
    return value ?? false
  }

  /** A decimal number within a range; a bad one is a fault. */
  refusedDecimal(key: string, rule: NumberRule): number {
    const setting = this.get(key)
    if (setting === null) return rule.fallback
    const value = setting.value === '' ? Number.NaN : Number(setting.value)
    if (value >= (rule.min ?? value) && value <= (rule.max ?? value)) return value
    this.#refuse(setting, `must be a decimal number ${rangeText(rule)}`, rule)
    return rule.fallback
  }

  /** A number that `parse` understands; for a bad one the fallback counts, for one below `min` the `min`. */
  lenientNumber(key: string, rule: NumberRule, parse: (text: string) => number | null): number {
    const setting = this.get(key)
    if (setting === null) return rule.fallback
    const value = parse(setting.value)
    if (value === null) {
      this.#findings.remarks.push({
        kind: 'bad-value',
        key,
        where: setting.where,
        what: `${key} is "${setting.value}", which is no whole number, so the default of ${rule.fallback} counts`,
        mend: `Write the number without a unit, or delete the line.`,
      })
      return rule.fallback
    }
    if (value < (rule.min ?? value)) {
      this.clamped(setting, `${rule.min}`)
      return rule.min ?? value
    }
    return value
  }

  /** @param asWhat the value that a bad one counts as */
  counts(setting: Setting, asWhat: string, mend: string): void {
    const { key, value, where } = setting
    this.#findings.remarks.push({
      kind: 'bad-value',
      key,
      where,
      what: `${key} is "${value}", which counts as ${asWhat}`,
      mend,
    })
  }

  /** The built-in engine does something else than Apache with it. */
  differs(setting: Setting, what: string, mend: string): void {
    this.#findings.remarks.push({ kind: 'differs-from-apache', key: setting.key, where: setting.where, what, mend })
  }

  clamped(setting: Setting, counts: string): void {
    this.#findings.remarks.push({
      kind: 'clamped',
      key: setting.key,
      where: setting.where,
      what: `${setting.key} is ${setting.value}, but ${counts} counts, the least that ZooKeeper takes`,
      mend: `Write ${setting.key}=${counts} to say what you get.`,
    })
  }

  /** Only the word that differs from the default does anything; any other word is as good as no line. */
  exactWord(key: string, words: { readonly off: string; readonly on: string }): boolean {
    const setting = this.get(key)
    if (setting === null || setting.value === words.on) return true
    if (setting.value === words.off) return false
    this.#findings.remarks.push({
      kind: 'bad-value',
      key,
      where: setting.where,
      what: `${key} is "${setting.value}", which counts as ${words.on}: only the exact word ${words.off} turns it off`,
      mend: `Write ${key}=${words.on} or ${key}=${words.off}.`,
    })
    return true
  }

  /** For a setting that the engine does not act on: refuses what Apache's own parser refuses. */
  checkOnly(setting: Setting, knob: Knob): void {
    if (knob.onInvalid !== 'refuse') return
    const { value } = setting
    switch (knob.type) {
      case 'int':
      case 'duration-ms':
      case 'bytes': {
        const number = javaLong(value)
        const isPort = knob.unit === 'port'
        // Of this one port Apache takes any number below 1 for "none".
        const min = knob.key === 'observerMasterPort' ? -Infinity : 0
        if (number === null || (isPort && (number < min || number > 65_535))) {
          this.#refuse(setting, isPort ? 'must be a port, 0 to 65535' : 'must be a whole number without a unit', {})
        }
        break
      }
      case 'float':
        if (value === '' || !Number.isFinite(Number(value))) this.#refuse(setting, 'must be a decimal number', {})
        break
      case 'bool':
        if (javaSwitch(value) === null) this.#refuse(setting, 'must be true or false', {})
        break
      case 'enum': {
        const words = knob.words ?? []
        if (!words.includes(value.toLowerCase())) this.#refuse(setting, `must be ${words.join(' or ')}`, {})
        break
      }
      case 'string':
      case 'path':
      case 'host-list':
      case 'server-line':
        break
      default:
        unreachable(knob.type, 'checkOnly')
    }
  }

  fault(setting: Setting, what: string, mend: string): void {
    this.#findings.faults.push({ code: 'BadConfigValue', where: setting.where, what, mend })
  }

  #refuse(setting: Setting, must: string, rule: { readonly fallback?: number | string }): void {
    const byDefault = rule.fallback === undefined ? '' : ` of ${rule.fallback}`
    this.#findings.faults.push({
      code: 'BadConfigValue',
      where: setting.where,
      what: `${setting.key} is "${setting.value}" but ${must}`,
      mend: `Correct it, or delete the line to take the default${byDefault}.`,
    })
  }
}

function unitText(unit: string): string {
  return unit === '' ? '' : ` of ${unit}`
}

function rangeText({ min, max }: NumberRule): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `between ${min} and ${max}`
}
