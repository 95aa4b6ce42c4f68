import { assert } from '../kernel/assert.ts'
import type { Fault } from '../kernel/faults.ts'
import { refuseUnlessCan } from './engine.ts'
import type { EngineKind } from './engine.ts'
import { placementReason } from './placement.ts'
import type { Sourced } from './plan-flags.ts'
import type { PlannedSetting, Workload } from './plan.ts'
import { VOTERS_MAX } from './profile.ts'
import type { LinksPart } from './links.ts'
import type { Concern, Profile } from './profile.ts'
import { apacheSupport } from '../zoocfg/apache-support.ts'
import { engineSupport } from '../zoocfg/engine-support.ts'
import type { NotHonoured, Remark, Setting } from '../zoocfg/findings.ts'
import { isMemberKey, readMembers, voterCount } from '../zoocfg/members.ts'
import { QUORUM_KEY } from '../zoocfg/quorum-rule.ts'
import { PLAIN_SHAPE } from './workload-shape.ts'
import { groupSettings } from './local-members.ts'
import { checkSetting } from '../zoocfg/setting-check.ts'
import type { ZooCfg } from '../zoocfg/zoo-cfg.ts'

/** A setting of the merged configuration, with the words that `--print-config` has for where it came from. */
interface LayeredSetting extends Setting {
  readonly origin: string
}

/** What profiles and a zoo.cfg add up to, each laid over those before it. */
export class PlanLayers {
  readonly remarks: Remark[] = []
  readonly replaced: NotHonoured[] = []
  /** The last profile of each concern. */
  readonly names: Record<Concern, string> = { cluster: '', storage: '', security: '', workload: '' }
  readonly #unsafe: Record<Concern, boolean> = { cluster: false, storage: false, security: false, workload: false }
  readonly #settings = new Map<string, LayeredSetting>()
  readonly #notHonoured = new Map<string, string>()
  readonly #engine: EngineKind
  readonly #faults: Fault[]
  #voters: Sourced<number> | null = null
  #observers: Sourced<number> = { value: 0, origin: 'default' }
  #links: Sourced<LinksPart | null> = { value: null, origin: 'default' }
  #splitsLog: Sourced<boolean> = { value: false, origin: 'default' }
  #clientTls: Sourced<boolean> | null = null
  #clientAuth: Sourced<'none' | 'digest'> | null = null
  #mix: Sourced<Workload['mix']> | null = null
  #sessions: Sourced<number> | null = null
  #inFlight: Sourced<number> | null = null
  #valueSizes: Sourced<Workload['shape']['valueSizes']> | null = null
  #shape: Sourced<Omit<Workload['shape'], 'valueSizes'>> = { value: PLAIN_SHAPE, origin: 'default' }
  #keyCount: Sourced<number> | null = null

  constructor(engine: EngineKind, faults: Fault[]) {
    this.#engine = engine
    this.#faults = faults
  }

  get voters(): Sourced<number> {
    return given(this.#voters)
  }
  get observers(): Sourced<number> {
    return this.#observers
  }
  /** Null: nothing is said. */
  get links(): Sourced<LinksPart | null> {
    return this.#links
  }
  get splitsLog(): Sourced<boolean> {
    return this.#splitsLog
  }
  get clientTls(): Sourced<boolean> {
    return given(this.#clientTls)
  }
  get clientAuth(): Sourced<'none' | 'digest'> {
    return given(this.#clientAuth)
  }
  get mix(): Sourced<Workload['mix']> {
    return given(this.#mix)
  }
  get sessions(): Sourced<number> {
    return given(this.#sessions)
  }
  get inFlight(): Sourced<number> {
    return given(this.#inFlight)
  }
  get valueSizes(): Sourced<Workload['shape']['valueSizes']> {
    return given(this.#valueSizes)
  }
  /** All of the shape but the sizes. Its origin is the last one that said something of it. */
  get shape(): Sourced<Omit<Workload['shape'], 'valueSizes'>> {
    return this.#shape
  }
  get keyCount(): Sourced<number> {
    return given(this.#keyCount)
  }

  /** The settings that the engine acts on, by key. */
  get settings(): ReadonlyMap<string, Setting> {
    return this.#settings
  }

  plannedSettings(): readonly PlannedSetting[] {
    return [...this.#settings.values()].map(({ key, value, origin }) => ({ key, value, origin }))
  }

  notHonoured(): readonly NotHonoured[] {
    return [...this.#notHonoured].map(([key, reason]) => ({ key, reason }))
  }

  /** By what a profile says of itself, and by the one setting that gives up durability whoever sets it. */
  isUnsafe(): boolean {
    return Object.values(this.#unsafe).includes(true) || this.#settings.get('forceSync')?.value === 'no'
  }

  /** @param lineage the profile last, before it what it extends */
  addProfile(lineage: readonly Profile[]): void {
    const profile = lineage.at(-1)
    assert(profile !== undefined, 'a lineage ends with its profile')
    this.names[profile.concern] = profile.name
    this.#unsafe[profile.concern] = lineage.reduce((isUnsafe, each) => each.isUnsafe ?? isUnsafe, false)
    for (const each of lineage) this.#addOne(each)
  }

  #addOne({ name, voters, observers, links, splitsLog, settings, workload, security }: Profile): void {
    const origin = `profile ${name}`
    const layer = <T>(value: T | null, below: Sourced<T> | null): Sourced<T> | null =>
      value === null ? below : { value, origin }
    this.#voters = layer(voters, this.#voters)
    // The voters are said anew, and so is who stands beside them.
    if (voters !== null || observers !== null) this.#observers = { value: observers ?? 0, origin }
    // Distances are between the servers of one profile, and go with them.
    if (voters !== null || observers !== null || links !== null) this.#links = { value: links, origin }
    if (splitsLog !== null) this.#splitsLog = { value: splitsLog, origin }
    this.#clientTls = layer(security.clientTls, this.#clientTls)
    this.#clientAuth = layer(security.clientAuth, this.#clientAuth)
    this.#mix = layer(workload.mix, this.#mix)
    this.#sessions = layer(workload.sessions, this.#sessions)
    this.#inFlight = layer(workload.inFlight, this.#inFlight)
    this.#valueSizes = layer(workload.valueSizes, this.#valueSizes)
    const { keyOrder, folderSize, depth, multiSize, watchers, parties, stormSize, stormSpreadMs, via } = workload
    const shape = { keyOrder, folderSize, depth, multiSize, watchers, parties, stormSize, stormSpreadMs, via }
    const said = Object.entries(shape).filter(([, of]) => of !== null)
    if (said.length > 0) this.#shape = { value: { ...this.#shape.value, ...Object.fromEntries(said) }, origin }
    this.#keyCount = layer(workload.keyCount, this.#keyCount)
    for (const setting of settings) this.#addSetting(setting, origin, false)
  }

  /** Its settings, and its `server.N` lines as a number of servers; hosts, ports and paths are replaced by the run's. */
  addZooCfg(cfg: ZooCfg): void {
    this.#faults.push(...cfg.findings.faults)
    this.remarks.push(...cfg.findings.remarks)
    for (const setting of cfg.settings.values()) {
      const placement = placementReason(setting.key)
      if (isMemberKey(setting.key) && placement === null) continue // groups come with the members
      if (placement === null) {
        checkSetting(setting, { faults: this.#faults, remarks: this.remarks })
        this.#addSetting(setting, setting.where, true)
      } else if (!setting.key.startsWith('server.')) {
        this.replaced.push({ key: setting.key, reason: placement })
      }
    }
    const secure = cfg.settings.get('secureClientPort')
    // A file for both ports is measured as the profiles say; one without a plain port has TLS clients only.
    if (secure !== undefined && !cfg.settings.has('clientPort')) {
      this.#clientTls = { value: true, origin: secure.where }
    }
    this.#addMembers(cfg)
  }

  #addMembers(cfg: ZooCfg): void {
    const found: { readonly faults: Fault[]; readonly remarks: Remark[] } = { faults: [], remarks: [] }
    const members = readMembers(cfg.settings, found)
    this.#faults.push(...found.faults)
    if (members.servers.length === 0) return
    for (const { id } of members.servers) {
      const key = `server.${id}`
      this.replaced.push({ key, reason: placementReason(key) ?? '' })
    }
    const voters = voterCount(members)
    this.names.cluster = cfg.file
    this.#voters = { value: voters, origin: cfg.file }
    this.#observers = { value: members.servers.length - voters, origin: cfg.file }
    this.#links = { value: null, origin: cfg.file }
    for (const setting of groupSettings(members, cfg.settings)) this.#addSetting(setting, setting.where, true)
    if (voters >= 1 && voters <= VOTERS_MAX) return
    this.#faults.push({
      code: 'BadConfigValue',
      where: cfg.file,
      what: `the server.N lines name ${voters} voting servers`,
      mend: `A local ensemble has 1 to ${VOTERS_MAX}.`,
    })
  }

  #addSetting(setting: Setting, origin: string, isInZooCfg: boolean): void {
    const { key, value, where } = setting
    if (key === QUORUM_KEY && value !== 'majority') refuseUnlessCan(this.#engine, 'quorum-rule', where, this.#faults)
    const support = this.#engine === 'apache' ? apacheSupport(key, isInZooCfg) : engineSupport(key)
    if (support.honoured) this.#settings.set(setting.key, { ...setting, origin })
    else this.#notHonoured.set(setting.key, support.reason)
  }
}

/** Every default profile gives its values: the test of the shipped profiles holds it. */
function given<T>(value: T | null): T {
  assert(value !== null, 'the default profiles give every value of a plan')
  return value
}
