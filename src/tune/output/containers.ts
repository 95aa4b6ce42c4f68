/**
 * The same recommendation for containers. Hosts, ports and folders are what each of these makes them; every other setting goes
 * where it belongs there, and what has no place is named at the head of the file.
 */
import { stringify } from 'yaml'

import { findKnob } from '../../zoocfg/catalogue.ts'
import { placementReason } from '../../profile/placement.ts'
import type { Plan } from '../../profile/plan.ts'

export interface ContainerInput {
  /** Of the recommended zoo.cfg, as written. */
  readonly settings: ReadonlyMap<string, string>
  readonly plan: Pick<Plan, 'voters' | 'observers'>
  readonly zookeeperVersion: string
  readonly heapMiB: number
}

export interface ContainerFile {
  readonly name: string
  readonly about: string
  readonly text: string
}

/** docker-entrypoint.sh of the official image writes zoo.cfg from these. */
const DOCKER_VARIABLES: Readonly<Record<string, string>> = {
  tickTime: 'ZOO_TICK_TIME',
  initLimit: 'ZOO_INIT_LIMIT',
  syncLimit: 'ZOO_SYNC_LIMIT',
  'autopurge.purgeInterval': 'ZOO_AUTOPURGE_PURGEINTERVAL',
  'autopurge.snapRetainCount': 'ZOO_AUTOPURGE_SNAPRETAINCOUNT',
  maxClientCnxns: 'ZOO_MAX_CLIENT_CNXNS',
  standaloneEnabled: 'ZOO_STANDALONE_ENABLED',
  'admin.enableServer': 'ZOO_ADMINSERVER_ENABLED',
  '4lw.commands.whitelist': 'ZOO_4LW_COMMANDS_WHITELIST',
}

/** Fields of ZookeeperConfig in pravega/zookeeper-operator, api/v1beta1/zookeepercluster_types.go. */
const PRAVEGA_FIELDS: Readonly<Record<string, string>> = {
  tickTime: 'tickTime',
  initLimit: 'initLimit',
  syncLimit: 'syncLimit',
  globalOutstandingLimit: 'globalOutstandingLimit',
  preAllocSize: 'preAllocSize',
  snapCount: 'snapCount',
  commitLogCount: 'commitLogCount',
  snapSizeLimitInKb: 'snapSizeLimitInKb',
  maxCnxns: 'maxCnxns',
  maxClientCnxns: 'maxClientCnxns',
  minSessionTimeout: 'minSessionTimeout',
  maxSessionTimeout: 'maxSessionTimeout',
  'autopurge.snapRetainCount': 'autoPurgeSnapRetainCount',
  'autopurge.purgeInterval': 'autoPurgePurgeInterval',
  quorumListenOnAllIPs: 'quorumListenOnAllIPs',
}

/** Stackable gives the JVM this share of the memory limit. */
const STACKABLE_HEAP_SHARE = 0.8
const [CLIENT_PORT, QUORUM_PORT, ELECTION_PORT] = [2181, 2888, 3888]

export function containerFiles(input: ContainerInput): readonly ContainerFile[] {
  return [dockerCompose(input), statefulSet(input), pravega(input), stackable(input)]
}

function dockerCompose(input: ContainerInput): ContainerFile {
  const { plan, zookeeperVersion, heapMiB } = input
  const ids = idsOf(plan)
  const servers = ids
    .map((id) => `server.${id}=zookeeper-${id}:${QUORUM_PORT}:${ELECTION_PORT}${roleOf(id, plan)};${CLIENT_PORT}`)
    .join(' ')
  const { carried, left } = split(input, (_, value) => !/\s/.test(value))
  const named = carried.filter(([key]) => key in DOCKER_VARIABLES)
  const extra = carried.filter(([key]) => !(key in DOCKER_VARIABLES)).map(([key, value]) => `${key}=${value}`)
  const services = Object.fromEntries(
    ids.map((id) => [
      `zookeeper-${id}`,
      {
        image: `zookeeper:${zookeeperVersion}`,
        hostname: `zookeeper-${id}`,
        restart: 'always',
        environment: {
          ZOO_MY_ID: String(id),
          ...(ids.length === 1 ? {} : { ZOO_SERVERS: servers }),
          ...Object.fromEntries(named.map(([key, value]) => [DOCKER_VARIABLES[key] ?? key, value])),
          ...(extra.length === 0 ? {} : { ZOO_CFG_EXTRA: extra.join(' ') }),
          JVMFLAGS: `-Xms${heapMiB}m -Xmx${heapMiB}m`,
        },
        // Two volumes, so that the log may lie on a device of its own.
        volumes: [`data-${id}:/data`, `datalog-${id}:/datalog`],
      },
    ]),
  )
  const volumes = Object.fromEntries(
    ids.flatMap((id) => [
      [`data-${id}`, {}],
      [`datalog-${id}`, {}],
    ]),
  )
  return {
    name: 'docker/compose.yaml',
    about: 'Docker Compose with the official image and its ZOO_* variables',
    text: headed(['The log lies in /datalog: put that volume on the fastest device.'], left, { services, volumes }),
  }
}

function statefulSet(input: ContainerInput): ContainerFile {
  const { plan, zookeeperVersion, heapMiB } = input
  const { carried } = split(input, () => true)
  const ids = idsOf(plan)
  const host = (id: number): string => `zookeeper-${id - 1}.zookeeper-headless`
  const members = ids.map(
    (id) => `server.${id}=${host(id)}:${QUORUM_PORT}:${ELECTION_PORT}${roleOf(id, plan)};${CLIENT_PORT}`,
  )
  const zooCfg = [
    'dataDir=/data',
    'dataLogDir=/datalog',
    ...(ids.length === 1 ? [`clientPort=${CLIENT_PORT}`] : members),
    ...carried.map(([key, value]) => `${key}=${value}`),
    '',
  ].join('\n')
  const labels = { app: 'zookeeper' }
  const ports = [
    { name: 'client', port: CLIENT_PORT },
    { name: 'quorum', port: QUORUM_PORT },
    { name: 'election', port: ELECTION_PORT },
  ]
  const claim = (name: string): object => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } }
    return { metadata: { name }, spec }
  }
  const start = 'echo $(( ${HOSTNAME##*-} + 1 )) > /data/myid && exec zkServer.sh start-foreground'
  const container = {
    name: 'zookeeper',
    image: `zookeeper:${zookeeperVersion}`,
    command: ['bash', '-c', start],
    env: [{ name: 'JVMFLAGS', value: `-Xms${heapMiB}m -Xmx${heapMiB}m` }],
    ports: ports.map(({ name, port }) => ({ name, containerPort: port })),
    resources: { requests: { memory: `${2 * heapMiB}Mi` }, limits: { memory: `${2 * heapMiB}Mi` } },
    volumeMounts: [
      { name: 'config', mountPath: '/conf/zoo.cfg', subPath: 'zoo.cfg' },
      { name: 'data', mountPath: '/data' },
      { name: 'datalog', mountPath: '/datalog' },
    ],
  }
  const documents = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'zookeeper', labels }, data: { 'zoo.cfg': zooCfg } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'zookeeper-headless', labels },
      // Servers look for each other before they are ready.
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: labels, ports },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'zookeeper', labels },
      // One at a time, however many may be lost: the next failure must not be one too many.
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'zookeeper', labels },
      spec: {
        serviceName: 'zookeeper-headless',
        replicas: ids.length,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [container], volumes: [{ name: 'config', configMap: { name: 'zookeeper' } }] },
        },
        volumeClaimTemplates: [claim('data'), claim('datalog')],
      },
    },
  ]
  const notes = ['Storage sizes and classes are yours to choose: datalog on the fastest there is.']
  return {
    name: 'kubernetes/statefulset.yaml',
    about: 'a plain StatefulSet with its ConfigMap and Service',
    text: comment(notes) + documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n'),
  }
}

function pravega(input: ContainerInput): ContainerFile {
  const { plan, zookeeperVersion, heapMiB } = input
  const { carried, left } = split(input, () => true)
  const typed = carried.filter(([key]) => key in PRAVEGA_FIELDS)
  const additionalConfig = Object.fromEntries(carried.filter(([key]) => !(key in PRAVEGA_FIELDS)))
  const conf = Object.fromEntries(typed.map(([key, value]) => [PRAVEGA_FIELDS[key] ?? key, scalar(value)]))
  const document = {
    apiVersion: 'zookeeper.pravega.io/v1beta1',
    kind: 'ZookeeperCluster',
    metadata: { name: 'zookeeper' },
    spec: {
      replicas: plan.voters,
      pod: { env: [{ name: 'JVMFLAGS', value: `-Xms${heapMiB}m -Xmx${heapMiB}m` }] },
      config: { ...conf, ...(Object.keys(additionalConfig).length === 0 ? {} : { additionalConfig }) },
    },
  }
  const notes = [
    `Measured for ZooKeeper ${zookeeperVersion}; the operator brings its own image.`,
    'The operator keeps log and snapshots on one volume.',
    ...(plan.observers === 0 ? [] : [`It has no observers: ${plan.observers} of the recommendation are left out.`]),
  ]
  return {
    name: 'kubernetes/pravega.yaml',
    about: 'a custom resource of pravega/zookeeper-operator',
    text: headed(notes, left, document),
  }
}

function stackable(input: ContainerInput): ContainerFile {
  const { plan, zookeeperVersion, heapMiB } = input
  const { carried, left } = split(input, () => true)
  const document = {
    apiVersion: 'zookeeper.stackable.tech/v1alpha1',
    kind: 'ZookeeperCluster',
    metadata: { name: 'zookeeper' },
    spec: {
      image: { productVersion: zookeeperVersion },
      servers: {
        config: { resources: { memory: { limit: `${Math.ceil(heapMiB / STACKABLE_HEAP_SHARE)}Mi` } } },
        configOverrides: { 'zoo.cfg': Object.fromEntries(carried) },
        roleGroups: { default: { replicas: plan.voters } },
      },
    },
  }
  const notes = [
    'Write the full productVersion that your operator supports.',
    'The operator gives the JVM 80 % of the memory limit.',
    ...(plan.observers === 0 ? [] : [`It has no observers: ${plan.observers} of the recommendation are left out.`]),
  ]
  return {
    name: 'kubernetes/stackable.yaml',
    about: 'a custom resource of the Stackable operator',
    text: headed(notes, left, document),
  }
}

type Pair = readonly [key: string, value: string]

/** What a target takes, and the keys that have no place there with why. */
function split(
  { settings }: ContainerInput,
  takes: (key: string, value: string) => boolean,
): { readonly carried: readonly Pair[]; readonly left: readonly string[] } {
  const carried: Pair[] = []
  const left: string[] = []
  for (const [key, value] of settings) {
    const placement = placementReason(key)
    if (placement !== null || key === 'clientPort' || /^(group|weight)\./.test(key)) {
      // The target decides it; groups and weights go with server lists that it makes.
      if (/^(group|weight)\./.test(key)) left.push(`${key}: the target makes the list of servers`)
      else if (/^ssl|secure/i.test(key)) left.push(`${key}: keys and certificates come to containers in other ways`)
    } else if (findKnob(key)?.group === 'zktune') left.push(`${key}: a setting of the built-in engine alone`)
    else if (takes(key, value)) carried.push([key, value])
    else left.push(`${key}: its value has blanks, which ZOO_CFG_EXTRA cannot carry`)
  }
  return { carried, left }
}

function headed(notes: readonly string[], left: readonly string[], document: object): string {
  const lines = left.length === 0 ? notes : [...notes, 'Left out:', ...left.map((text) => `  ${text}`)]
  return comment(lines) + stringify(document, { lineWidth: 0 })
}

function comment(lines: readonly string[]): string {
  return ['Made by zktune recommend.', ...lines].map((line) => `# ${line}\n`).join('')
}

function idsOf({ voters, observers }: ContainerInput['plan']): readonly number[] {
  return Array.from({ length: voters + observers }, (_, index) => index + 1)
}

function roleOf(id: number, { voters }: ContainerInput['plan']): string {
  return id <= voters ? '' : ':observer'
}

/** Typed fields want numbers and booleans, not texts. */
function scalar(value: string): number | boolean | string {
  if (/^-?\d+$/.test(value)) return Number(value)
  return value === 'true' || value === 'false' ? value === 'true' : value
}
