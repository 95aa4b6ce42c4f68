/**
 * What stands under the flags of every command: ZKTUNE_* of the environment, then zktune.ini in the working directory, then the one in the XDG
 * folder. One mechanism: whatever is an option of a command can be given in each of these places, under its long name. What only
 * some engines can do waits there for a run on one of them; typed as a flag it would be refused.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Option } from 'commander'
import { parse } from 'ini'

import { didYouMean } from '../kernel/did-you-mean.ts'
import { throwFaults, type Fault } from '../kernel/faults.ts'
import { isFlagFor } from '../profile/engine-flags.ts'
import { ENGINES } from '../profile/engine.ts'
import type { EngineKind } from '../profile/engine.ts'
import type { Environment } from './terminal.ts'

/** Where a value came from that was not given as a flag: `ZKTUNE_ENGINE`, `zktune.ini:3`. */
export interface AppliedSetting {
  /** `--engine` */
  readonly flag: string
  readonly value: string
  readonly origin: string
}

/** A value as it stands in one place. */
interface Given {
  readonly option: Option
  readonly values: readonly string[]
  readonly origin: string
}

interface SettingsFile {
  readonly path: string
  readonly text: string
}

export const SETTINGS_FILE = 'zktune.ini'
const VARIABLE = /^ZKTUNE_([A-Z0-9_]+)$/

/** A consent, or a wish of the moment: given for one line, by whoever types it. */
const FLAGS_ONLY: readonly string[] = [
  'allow-remote-writes',
  'allow-unsafe',
  'dry-run',
  'fix',
  'help',
  'in-place',
  'json',
  'print-config',
]

/** Of these one is given, and what a file says of the others is not meant. */
const GROUPS: readonly (readonly string[])[] = [['rate', 'closed', 'findRate', 'sweep']]

/**
 * Gives the options of a command that no flag has set what the places below say, the upper before the lower.
 *
 * @param program all commands, to tell a misspelt name from that of another command
 * @throws FaultyInput with the file and line, or the variable, of everything that is wrong
 */
export function applySettings(
  program: Command,
  command: Command,
  { environment, folder }: { readonly environment: Environment; readonly folder: string },
): readonly AppliedSetting[] {
  const faults: Fault[] = []
  const layers = [
    fromEnvironment(command, environment),
    ...filesOf(environment, folder).map((file) => fromFile(program, command, file, faults)),
  ]
  throwFaults(faults)
  const applied: AppliedSetting[] = []
  const isSet = (name: string): boolean => command.getOptionValueSource(name) !== undefined
  const engine = engineOf(command, layers)
  for (const layer of layers) {
    const before = new Set(command.options.map((option) => option.attributeName()).filter(isSet))
    for (const { option, values, origin } of layer) {
      const name = option.attributeName()
      const group = GROUPS.find((each) => each.includes(name)) ?? [name]
      if (group.some((each) => before.has(each))) continue
      if (engine !== null && !isFlagFor(engine, option.long ?? '')) continue
      const value = valueOf(option, values)
      if (value === undefined) faults.push(badValue(option, values, origin))
      else {
        command.setOptionValueWithSource(name, value, 'config')
        applied.push({ flag: option.long ?? name, value: values.join(', '), origin })
      }
    }
  }
  throwFaults(faults)
  return applied
}

/** Whose servers the run will be about; null: the command is about none, or there is no such engine. */
function engineOf(command: Command, layers: readonly (readonly Given[])[]): EngineKind | null {
  const option = optionOf(command, 'engine')
  if (option === undefined) return null
  const below = layers.flat().find((given) => given.option === option)?.values[0]
  const name: unknown = command.getOptionValue(option.attributeName()) ?? below ?? 'builtin'
  return ENGINES.find((known) => known === name) ?? null
}

/** Upper cases, and `_` for `-`. Other programs may have variables that begin as ours do: those are nobody's mistake. */
function fromEnvironment(command: Command, environment: Environment): Given[] {
  return Object.entries(environment).flatMap(([variable, value]) => {
    const name = VARIABLE.exec(variable)?.[1]?.toLowerCase().replaceAll('_', '-')
    const option = name === undefined || FLAGS_ONLY.includes(name) ? undefined : optionOf(command, name)
    return option === undefined || value === undefined || value === ''
      ? []
      : [{ option, values: [value], origin: variable }]
  })
}

/** Those that are there; the working directory first. */
function filesOf(environment: Environment, folder: string): SettingsFile[] {
  const home = environment['HOME'] ?? ''
  const ofUser = environment['XDG_CONFIG_HOME'] ?? ''
  const user = ofUser !== '' ? ofUser : home === '' ? null : join(home, '.config')
  const paths: readonly (readonly [string, string])[] = [
    [join(folder, SETTINGS_FILE), SETTINGS_FILE],
    ...(user === null ? [] : [[join(user, 'zktune', SETTINGS_FILE), join(user, 'zktune', SETTINGS_FILE)] as const]),
  ]
  return paths.flatMap(([path, shown]) => {
    try {
      return [{ path: shown, text: readFileSync(path, 'utf8') }]
    } catch {
      return [] // none
    }
  })
}

/** Keys above all sections are for every command that has them; those of a section named as a command are for that, and win. */
function fromFile(program: Command, command: Command, { path, text }: SettingsFile, faults: Fault[]): Given[] {
  const entries = Object.entries(parse(text))
  const sections = entries.flatMap(([name, value]) => (isSection(value) ? [[name, value] as const] : []))
  const top = Object.fromEntries(entries.filter(([, value]) => !isSection(value)))
  const commands = program.commands
  const given: Given[] = []
  for (const [section, values] of [...sections, ['', top] as const]) {
    const own = section === '' ? null : commands.find((each) => each.name() === section)
    if (own === undefined) {
      const names = commands.map((each) => each.name())
      const mend = `A section is named as a command.${didYouMean(section, names)}`
      faults.push({
        code: 'UnknownName',
        where: placeOf(path, text, section, null),
        what: `there is no command "${section}"`,
        mend,
      })
      continue
    }
    for (const [key, value] of Object.entries(values)) {
      const where = placeOf(path, text, section, key)
      const owners = own === null ? commands : [own]
      if (FLAGS_ONLY.includes(key)) {
        const what = `${key} is for the one who types the line, as --${key}, and not for a file`
        faults.push({ code: 'UsageConflict', where, what, mend: 'Take it out.' })
      } else if (owners.every((each) => optionOf(each, key) === undefined)) {
        const names = owners.flatMap((each) => each.options.flatMap(({ long }) => long?.slice(2) ?? []))
        const mend = `Keys are the long names of options, without their dashes.${didYouMean(key, names)}`
        const of = own === null ? 'no command has' : `${section} has no`
        faults.push({ code: 'UnknownName', where, what: `${of} option "${key}"`, mend })
      } else {
        const option = own === null || own === command ? optionOf(command, key) : undefined
        const texts = (Array.isArray(value) ? value : [value]).map(String)
        if (option !== undefined) given.push({ option, values: texts, origin: where })
      }
    }
  }
  // What a section says of the command stands first, and the first one counts.
  const seen = new Set<string>()
  return given.filter(({ option }) => !seen.has(option.attributeName()) && seen.add(option.attributeName()))
}

/** The option that takes a value, or else is switched on, by its long name; `no-results` is `results = no`. */
function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, negate }) => long === `--${name}` && !negate)
}

/** @returns undefined for what the option cannot be */
function valueOf(option: Option, values: readonly string[]): unknown {
  const [first = ''] = values
  if (!option.required && !option.optional)
    return { true: true, yes: true, 1: true, false: false, no: false, 0: false }[first]
  if (option.parseArg !== undefined) {
    // The options that may be repeated gather what they are given, one after the other.
    return values.reduce<unknown>((all, value) => option.parseArg?.(value, all), undefined)
  }
  if (values.length > 1) return undefined
  return option.long === '--results' && (first === 'no' || first === 'false') ? false : first
}

function badValue({ long, required, optional }: Option, values: readonly string[], where: string): Fault {
  const isSwitch = !required && !optional
  const what = isSwitch ? `${long} is "${values.join(', ')}"` : `${long} is given ${values.length} times`
  const mend = isSwitch ? 'Write yes or no.' : 'Give it once.'
  return { code: 'BadConfigValue', where, what, mend }
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `zktune.ini:3`. The ini package tells no lines: they are looked up as it reads them. @param key null: the section's own */
function placeOf(path: string, text: string, section: string, key: string | null): string {
  let current = ''
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim()
    if (header !== undefined) current = header
    const name = /^\s*([^=;#[\]]+?)\s*(?:\[\])?\s*(?:=|$)/.exec(line)?.[1]
    const isThere = key === null ? header === section : current === section && name === key
    if (isThere) return `${path}:${index + 1}`
  }
  return path
}
