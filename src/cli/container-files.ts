import { ZktuneError } from '../kernel/errors.ts'
import { readContainers } from '../zoocfg/compose.ts'
import type { Container } from '../zoocfg/compose.ts'
import { containerFiles, isOfAnotherImage } from '../zoocfg/container.ts'
import type { Variable } from '../zoocfg/container.ts'
import { readEnvFile } from '../zoocfg/env-file.ts'
import { readJvmOptions } from '../zoocfg/lint/jvm-options.ts'
import type { ServerFiles } from '../zoocfg/lint/server-view.ts'

const OFFICIAL_IMAGE = /^(?:(?:docker\.io\/)?library\/|docker\.io\/)?zookeeper(?:[:@].*)?$/
const FORMS = /\.(?:env|ya?ml)$|(?:^|\/)\.env$/
const JVM_VARIABLES = ['ZK_SERVER_HEAP', 'SERVER_JVMFLAGS', 'JVMFLAGS']
/** What zkServer.sh gives a server that is told nothing else. */
const HEAP_DEFAULT_BYTES = 1_000 * 1024 ** 2

/** Whether a path names variables of containers: a file of them, or YAML of Compose or Kubernetes. */
export function isContainerFile(path: string): boolean {
  return FORMS.test(path)
}

/**
 * The servers that containers of the official image would run.
 *
 * @throws ZktuneError BadConfigValue when there is none in it
 */
export function containerServers(file: string, text: string): readonly ServerFiles[] {
  if (!/\.ya?ml$/.test(file)) {
    const variables = readEnvFile(text)
    if (variables.some(({ name }) => name.startsWith('ZOO_')) && !isOfAnotherImage(namesOf(variables))) {
      return [serverOf(file, { name: null, variables, place: { line: 1, column: 1 }, memoryBytes: null })]
    }
    throw noServer(file, 'there is no variable ZOO_… of the official image of ZooKeeper in it')
  }
  const containers = readContainers(text)
  if ('what' in containers) {
    throw new ZktuneError('BadConfigValue', {
      where: `${file}:${containers.line}:${containers.column}`,
      what: `this is no YAML: ${containers.what}`,
      mend: 'Correct it, or name a zoo.cfg.',
    })
  }
  const servers = containers.filter(isServer)
  if (servers.length > 0) return servers.map((container) => serverOf(file, container))
  throw noServer(
    file,
    'no container in it is of the official image of ZooKeeper (zookeeper:3.9), nor has ZOO_… variables',
  )
}

function isServer({ image, variables }: Container): boolean {
  if (image !== null && OFFICIAL_IMAGE.test(image)) return true
  const names = namesOf(variables)
  // An image of one's own, made from the official one, takes its variables.
  return !isOtherVendors(image) && !isOfAnotherImage(names) && names.some((name) => name.startsWith('ZOO_'))
}

function isOtherVendors(image: string | null): boolean {
  return /bitnami|confluentinc|wurstmeister|pravega/.test(image ?? '')
}

function serverOf(
  file: string,
  container: Pick<Container, 'name' | 'variables' | 'place' | 'memoryBytes'>,
): ServerFiles {
  const { name, variables, place, memoryBytes } = container
  const { lines, myid } = containerFiles(variables, place)
  return {
    file,
    text: `${lines.map(({ text }) => text).join('\n')}\n`,
    myid: { file, text: myid },
    jvm: jvmOf(file, variables),
    host: {
      ...{ dataDir: null, dataLogDir: null, cores: null, openFiles: null, somaxconn: null },
      memoryBytes,
    },
    made: { lines, place, name, variables },
  }
}

function jvmOf(file: string, variables: readonly Variable[]): NonNullable<ServerFiles['jvm']> {
  const given = variables.filter(({ name }) => JVM_VARIABLES.includes(name))
  const options = readJvmOptions(file, given.map(({ name, value }) => `${name}="${value}"`).join('\n'))
  const lines = new Map([...options.lines].map(([name, line]) => [name, given[line - 1]?.place.line ?? 1]))
  return { ...options, lines, heapMaxBytes: options.heapMaxBytes ?? HEAP_DEFAULT_BYTES }
}

function namesOf(variables: readonly Variable[]): readonly string[] {
  return variables.map(({ name }) => name)
}

function noServer(file: string, what: string): ZktuneError {
  return new ZktuneError('BadConfigValue', {
    where: file,
    what,
    mend: 'Name the zoo.cfg itself; images of others make theirs in other ways.',
  })
}
