/** From profiles, a zoo.cfg and flags to the one Plan that everything after it is a function of. */
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import type { ProfileLibrary } from './library.ts'
import { plannedLinks } from './links.ts'
import { checkLocalMembers } from './local-members.ts'
import { readFlags } from './plan-flags.ts'
import { refuseUnlessCan } from './engine.ts'
import { checkHttp, loadOf } from './http-workload.ts'
import type { CheckedFlags, PlanFlags, Sourced } from './plan-flags.ts'
import { PlanLayers } from './plan-layers.ts'
import type { Plan, SweptKey } from './plan.ts'
import { CONCERNS } from './profile.ts'
import { largestBytes } from './value-sizes.ts'
import type { Concern, Profile } from './profile.ts'
import { readEngineSettings } from '../zoocfg/engine-settings.ts'
import { readZooCfg } from '../zoocfg/zoo-cfg.ts'
import type { EngineSettings } from '../zoocfg/engine-settings.ts'

/** What is laid below everything that the user names. */
export const DEFAULT_PROFILES: Readonly<Record<Concern, string>> = {
  cluster: 'small-cluster',
  storage: 'durable',
  security: 'open',
  workload: 'mixed',
}

export interface ProfileChoice {
  /** `--workload` takes workload profiles only. */
  readonly flag: '--profile' | '--workload'
  /** A shipped name, or a profile that was read from a file of the user's. */
  readonly profile: string | Profile
}

export interface PlanInputs {
  readonly library: ProfileLibrary
  /** In the order given: each is laid over those before it. */
  readonly profiles: readonly ProfileChoice[]
  /** A zoo.cfg written for any ensemble; nothing that it names is opened. Null: none. */
  readonly config: { readonly file: string; readonly text: string } | null
  readonly flags: PlanFlags
  /** Counts when no `--seed` is given. */
  readonly freshSeed: number
}

/** Bytes that a request needs beside the value: header, path, ACL. */
const REQUEST_OVERHEAD_BYTES = 256

/**
 * Lays shipped defaults, profiles in their order, the zoo.cfg and the flags over each other, the later over the earlier.
 *
 * @throws FaultyInput with every fault of all of them
 */
export function planOf(inputs: PlanInputs): Plan {
  const faults: Fault[] = []
  const chosen = chooseProfiles(inputs, faults)
  const cfg = inputs.config === null ? null : readZooCfg(inputs.config.file, inputs.config.text)
  const flagFaults: Fault[] = []
  const flags = readFlags(inputs.flags, flagFaults)
  const layers = new PlanLayers(flags.engine.value, faults)
  const setsEnsemble = cfg !== null && [...cfg.settings.keys()].some((key) => key.startsWith('server.'))
  for (const concern of CONCERNS) {
    // With servers of its own a zoo.cfg is the cluster: what it leaves out has the defaults of ZooKeeper, not ours.
    if (concern === 'cluster' && setsEnsemble) continue
    const name = DEFAULT_PROFILES[concern]
    const profile = gather(faults, () => inputs.library.get(name, 'the shipped defaults', concern))
    if (profile !== null) gather(faults, () => layers.addProfile(inputs.library.lineage(profile)))
  }
  if (flags.engine.value === 'remote') refuseForRemote(inputs, chosen, flagFaults)
  for (const { flag, profile } of chosen) {
    if (profile.concern === 'cluster' && setsEnsemble)
      faults.push(twoClusters(flag, profile, inputs.config?.file ?? ''))
    gather(faults, () => layers.addProfile(inputs.library.lineage(profile)))
  }
  if (cfg !== null) layers.addZooCfg(cfg)
  faults.push(...flagFaults)
  throwFaults(faults)

  const settings = checkTogether(layers, setsEnsemble ? (inputs.config?.file ?? null) : null, faults)
  const plan = assemble(inputs, layers, flags, settings, faults)
  if (plan.engine === 'apache') checkLinksHold(plan, layers, faults)
  checkValueSize(plan, settings, faults)
  checkHttp(plan, faults)
  throwFaults(faults)
  return plan
}

interface ChosenProfile {
  readonly flag: ProfileChoice['flag']
  readonly profile: Profile
}

function chooseProfiles({ library, profiles }: PlanInputs, faults: Fault[]): readonly ChosenProfile[] {
  return profiles.flatMap(({ flag, profile: choice }) => {
    const concern = flag === '--workload' ? 'workload' : null
    const profile = typeof choice === 'string' ? gather(faults, () => library.get(choice, flag, concern)) : choice
    if (profile === null) return []
    if (concern === null || profile.concern === concern) return [{ flag, profile }]
    faults.push({
      code: 'UsageConflict',
      where: flag,
      what: `"${profile.name}" is a ${profile.concern} profile, not a workload`,
      mend: `Write --profile ${typeof choice === 'string' ? choice : profile.file}.`,
    })
    return []
  })
}

/** A running ensemble has its size and settings; only what clients do is ours to choose. */
function refuseForRemote({ config }: PlanInputs, chosen: readonly ChosenProfile[], faults: Fault[]): void {
  if (config !== null) refuseUnlessCan('remote', 'settings', '--config', faults)
  for (const { flag, profile } of chosen) {
    const where = `${flag} ${profile.name}`
    if (profile.concern === 'cluster' || profile.concern === 'storage') {
      refuseUnlessCan('remote', 'settings', where, faults)
    }
    if (profile.security.clientTls === true) refuseUnlessCan('remote', 'certificates', where, faults)
  }
}

function twoClusters(flag: string, profile: Profile, file: string): Fault {
  return {
    code: 'UsageConflict',
    where: flag,
    what: `the cluster profile "${profile.name}" stands beside ${file}, whose server.N lines set the ensemble`,
    mend: `Leave out --profile ${profile.name}, or the server.N lines.`,
  }
}

/** What only all settings together can tell. @param ensembleFile the zoo.cfg that sets the ensemble, if one does */
function checkTogether(layers: PlanLayers, ensembleFile: string | null, faults: Fault[]): EngineSettings {
  // Each setting has had its remarks when it was laid down: here only what does not fit together is new.
  const settings = readEngineSettings(layers.settings, { faults, remarks: [] })
  const size = { voters: layers.voters.value, observers: layers.observers.value }
  const quorum = settings.cluster.quorum
  checkLocalMembers(size, quorum, layers.settings, ensembleFile ?? layers.voters.origin, {
    faults,
    remarks: layers.remarks,
  })
  if (layers.voters.value > 1) {
    const where = ensembleFile ?? layers.voters.origin
    const missing = (key: string, value: number): Fault => ({
      code: 'BadConfigValue',
      where,
      what: `${key} is not set, and an ensemble needs it`,
      mend: `Add ${key}=${value}.`,
    })
    if (settings.cluster.initLimitTicks === null) faults.push(missing('initLimit', 10))
    if (settings.cluster.syncLimitTicks === null) faults.push(missing('syncLimit', 5))
  }
  return settings
}

function checkValueSize(plan: Plan, { limits: { juteMaxBufferBytes } }: EngineSettings, faults: Fault[]): void {
  const { valueSizeBytes } = plan.workload
  if (valueSizeBytes + REQUEST_OVERHEAD_BYTES <= juteMaxBufferBytes) return
  faults.push({
    code: 'BadConfigValue',
    where: plan.origins['workload.valueSizeBytes'],
    what: `values of ${valueSizeBytes} bytes do not fit a request of at most ${juteMaxBufferBytes} bytes`,
    mend: 'Make them smaller, or set jute.maxbuffer higher.',
  })
}

/** Servers of Apache know their links by their own zoo.cfg, and with this setting they believe their leader's. */
function checkLinksHold({ links, profiles }: Plan, layers: PlanLayers, faults: Fault[]): void {
  const reconfig = layers.settings.get('reconfigEnabled')
  if (links.length === 0 || reconfig?.value.trim().toLowerCase() !== 'true') return
  faults.push({
    code: 'UsageConflict',
    where: reconfig.where,
    what: 'with reconfigEnabled=true servers of Apache take the addresses that their leader has, past the links between them',
    mend: `Leave it out, or take another cluster than ${profiles.cluster} and no --link flags.`,
  })
}

function assemble(
  inputs: PlanInputs,
  layers: PlanLayers,
  flags: CheckedFlags,
  settings: EngineSettings,
  faults: Fault[],
): Plan {
  const swept = (over: SweptKey): Sourced<number> | null =>
    flags.load.value.kind === 'sweep' && flags.load.value.over === over
      ? { value: flags.load.value.values.at(-1) ?? 1, origin: '--sweep' }
      : null
  const sessions = swept('sessions') ?? flags.sessions ?? layers.sessions
  const inFlight = swept('inFlight') ?? flags.inFlight ?? layers.inFlight
  const valueSizes = flags.valueSizes ?? layers.valueSizes
  const seed = flags.seed ?? { value: inputs.freshSeed, origin: 'default' }
  const { generators, repeats, durationMs, warmupMs, dataParent, logParent, remote } = flags
  const load = loadOf(flags.load, layers.shape)
  const tls = layers.clientTls.value ? (settings.tls.clientAuth === 'none' ? 'server' : 'mutual') : 'none'
  const remoteTls = remote?.access.tls ?? null
  const servers = layers.voters.value + layers.observers.value
  return {
    engine: flags.engine.value,
    apache: flags.engine.value === 'apache' ? { zookeeperHome: flags.zookeeperHome, heapBytes: flags.heapBytes } : null,
    seed: seed.value,
    remote,
    profiles: { cluster: layers.names.cluster, storage: layers.names.storage, security: layers.names.security },
    voters: remote === null ? layers.voters.value : remote.connect.split(',').length,
    observers: remote === null ? layers.observers.value : 0,
    links: remote === null ? plannedLinks(layers.links.value, flags.links, servers, faults) : [],
    settings: remote === null ? layers.plannedSettings() : [],
    isUnsafe: layers.isUnsafe(),
    clients: {
      tls: remote === null ? tls : remoteTls === null ? 'none' : remoteTls.cert === null ? 'server' : 'mutual',
      auth: layers.clientAuth.value,
    },
    workload: {
      name: layers.names.workload,
      mix: layers.mix.value,
      sessions: sessions.value,
      inFlight: inFlight.value,
      valueSizeBytes: largestBytes(valueSizes.value),
      keyCount: layers.keyCount.value,
      shape: { ...layers.shape.value, valueSizes: valueSizes.value },
    },
    load: load.value,
    generators: generators.value,
    repeats: repeats.value,
    durationMs: durationMs.value,
    warmupMs: warmupMs.value,
    dataParent: dataParent.value,
    logParent: logParent.value,
    splitsLog: layers.splitsLog.value,
    notHonoured: layers.notHonoured(),
    replaced: layers.replaced,
    remarks: layers.remarks.map(({ where, what, mend }) => ({ where, what, mend })),
    origins: {
      engine: flags.engine.origin,
      voters: layers.voters.origin,
      observers: layers.observers.origin,
      links:
        [...(layers.links.value === null ? [] : [layers.links.origin]), ...flags.links.names].join(', ') || 'default',
      seed: seed.origin,
      load: load.origin,
      generators: generators.origin,
      repeats: repeats.origin,
      durationMs: durationMs.origin,
      warmupMs: warmupMs.origin,
      dataParent: dataParent.origin,
      logParent: logParent.value === null ? layers.splitsLog.origin : logParent.origin,
      'clients.tls': layers.clientTls.origin,
      'clients.auth': layers.clientAuth.origin,
      'workload.mix': layers.mix.origin,
      'workload.sessions': sessions.origin,
      'workload.inFlight': inFlight.origin,
      'workload.valueSizeBytes': valueSizes.origin,
      'workload.keyCount': layers.keyCount.origin,
      'workload.shape': layers.shape.origin,
    },
  }
}
