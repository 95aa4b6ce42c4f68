/**
 * The official container image: which zoo.cfg its entrypoint writes out of `ZOO_*` variables. The image writes one only
 * where there is none yet.
 *
 * Source: docker-entrypoint.sh and Dockerfile of 31z4/zookeeper-docker, 3.8.6 and 3.9.4 (the same in both).
 */
import { closestName } from '../kernel/did-you-mean.ts'

/** Where something stands, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface Variable {
  readonly name: string
  readonly value: string
  readonly place: Place
}

/** One line of the zoo.cfg that is made, and what made it. */
export interface MadeLine {
  readonly text: string
  readonly place: Place
  /** `ZOO_TICK_TIME`; null: the image says so where nobody says anything. */
  readonly variable: string | null
}

export interface ContainerFiles {
  readonly lines: readonly MadeLine[]
  /** What it writes into myid. */
  readonly myid: string
}

/** In the order of the entrypoint. */
const KEYS: readonly (readonly [key: string, variable: string, imageDefault: string])[] = [
  ['dataDir', 'ZOO_DATA_DIR', '/data'],
  ['dataLogDir', 'ZOO_DATA_LOG_DIR', '/datalog'],
  ['tickTime', 'ZOO_TICK_TIME', '2000'],
  ['initLimit', 'ZOO_INIT_LIMIT', '5'],
  ['syncLimit', 'ZOO_SYNC_LIMIT', '2'],
  ['autopurge.snapRetainCount', 'ZOO_AUTOPURGE_SNAPRETAINCOUNT', '3'],
  ['autopurge.purgeInterval', 'ZOO_AUTOPURGE_PURGEINTERVAL', '0'],
  ['maxClientCnxns', 'ZOO_MAX_CLIENT_CNXNS', '60'],
  ['standaloneEnabled', 'ZOO_STANDALONE_ENABLED', 'true'],
  ['admin.enableServer', 'ZOO_ADMINSERVER_ENABLED', 'true'],
]
const WHITELIST = '4lw.commands.whitelist'
const SERVERS_DEFAULT = 'server.1=localhost:2888:3888;2181'
const ID_DEFAULT = '1'

/** Variables that the image, or a script of ZooKeeper's in it, reads for something else. */
const OTHERS: readonly string[] = [
  ...['ZOO_MY_ID', 'ZOO_SERVERS', 'ZOO_4LW_COMMANDS_WHITELIST', 'ZOO_CFG_EXTRA', 'ZOO_CONF_DIR', 'ZOO_LOG_DIR'],
  ...['ZOO_LOG4J_PROP', 'ZOO_LOG_FILE', 'ZOO_DATADIR_AUTOCREATE_DISABLE'],
]
/** Only other images have them: their files are made in other ways. */
const OF_OTHER_IMAGES =
  /^(ZOOKEEPER_|ALLOW_ANONYMOUS_LOGIN$|ZOO_(PORT_NUMBER|SERVER_ID|ENABLE_AUTH|HEAP_SIZE|PRE_ALLOC_SIZE)$)/

/** @param origin of the service or of the file: what the image says by itself is told to stand there */
export function containerFiles(variables: readonly Variable[], origin: Place): ContainerFiles {
  const byName = new Map(variables.map((variable) => [variable.name, variable]))
  const lines: MadeLine[] = []
  for (const [key, name, imageDefault] of KEYS) {
    const given = byName.get(name)
    lines.push(
      given === undefined
        ? { text: `${key}=${imageDefault}`, place: origin, variable: null }
        : { text: `${key}=${given.value}`, place: given.place, variable: name },
    )
  }
  // The shell splits at blanks, and an empty text counts as none.
  const addWords = (name: string, otherwise: string | null): void => {
    const given = byName.get(name)
    const words = (given?.value ?? '').split(/\s+/).filter((word) => word !== '')
    if (given !== undefined && words.length > 0) {
      for (const word of words) lines.push({ text: word, place: given.place, variable: name })
    } else if (otherwise !== null) {
      lines.push({ text: otherwise, place: origin, variable: null })
    }
  }
  addWords('ZOO_SERVERS', SERVERS_DEFAULT)
  const whitelist = byName.get('ZOO_4LW_COMMANDS_WHITELIST')
  if (whitelist !== undefined && whitelist.value !== '') {
    lines.push({ text: `${WHITELIST}=${whitelist.value}`, place: whitelist.place, variable: whitelist.name })
  }
  addWords('ZOO_CFG_EXTRA', null)
  return { lines, myid: `${byName.get('ZOO_MY_ID')?.value || ID_DEFAULT}\n` }
}

/** The variable that sets a key of zoo.cfg. */
export function variableFor(key: string): string {
  if (key === WHITELIST) return 'ZOO_4LW_COMMANDS_WHITELIST'
  if (key.startsWith('server.')) return 'ZOO_SERVERS'
  return KEYS.find(([each]) => each === key)?.[1] ?? 'ZOO_CFG_EXTRA'
}

/** Whether the variables are those of an image that is made in another way. */
export function isOfAnotherImage(names: readonly string[]): boolean {
  return names.some((name) => OF_OTHER_IMAGES.test(name))
}

/** Of a variable that looks like one of the image's and that nothing reads. @returns undefined for any other */
export function unknownVariable(name: string): { readonly meant: string | null } | undefined {
  const known = [...KEYS.map(([, variable]) => variable), ...OTHERS]
  if (!name.startsWith('ZOO_') || known.includes(name)) return undefined
  return { meant: closestName(name, known) }
}
