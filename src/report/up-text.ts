import { grouped } from './figures.ts'
import { reasonLines } from './plan-text.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { plainTable } from './table.ts'

/** What is shown of a server that runs. */
export interface ShownServer {
  readonly id: number
  readonly pid: number
  readonly role: string
  readonly clientPort: number
  readonly config: string
}

export interface UpFacts {
  /** A connect string. */
  readonly hosts: string
  readonly bootMs: number
  /** PEM files for clients by TLS; null: in the clear. */
  readonly tls: {
    readonly ca: string
    readonly cert: string | null
    readonly key: string | null
    readonly keyStore: string | null
  } | null
  /** `digest`: the profile is about clients that say who they are. */
  readonly auth: 'none' | 'digest'
  readonly servers: readonly ShownServer[]
  /** Where the state is kept for the next time; null when it goes with the ensemble. */
  readonly keptIn: string | null
  /** Acknowledged writes may be lost with the machine. */
  readonly isUnsafe: boolean
  /** What the network between the servers is made to be, in words; null: nothing. */
  readonly links: string | null
  readonly notHonoured: readonly { readonly key: string; readonly reason: string }[]
}

/** What `up` prints when every server serves: where to connect, who is who, how it ends. Ends with a newline. */
export function upText(facts: UpFacts, style: Style): string {
  const table = plainTable(
    [
      { title: 'server', align: 'right' },
      { title: 'role', align: 'left' },
      { title: 'pid', align: 'right' },
      { title: 'client port', align: 'right' },
    ],
    facts.servers.map(({ id, role, pid, clientPort }) => [String(id), role, String(pid), String(clientPort)]),
    style,
  )
  const first = facts.hosts.split(',')[0] ?? facts.hosts
  const lines = [
    strong(facts.hosts, style),
    `All serving after ${grouped(facts.bootMs)} ms.`,
    ...(facts.links === null ? [] : [`Between the servers: ${facts.links}.`]),
    '',
    table,
    '',
    ...tlsLines(first, facts.tls),
    ...(facts.auth === 'digest' ? DIGEST_LINES : []),
    ...(facts.isUnsafe ? [warned('UNSAFE: a power cut loses writes that were acknowledged.', style)] : []),
    facts.keptIn === null
      ? 'What clients write goes with the ensemble; --data DIR keeps it.'
      : `State: ${facts.keptIn}`,
    ...reasonLines('Given, but not acted on by this engine:', facts.notHonoured, style),
    '',
    ...(facts.tls === null
      ? [`Ctrl-C ends it. Next, from another terminal: zkCli.sh -server ${first}`]
      : ['Ctrl-C ends it. Next, from another terminal:', `${javaFlags(facts.tls)} zkCli.sh -server ${first}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** The servers ask for nothing: it is the clients who decide whether what they make is for themselves alone. */
const DIGEST_LINES: readonly string[] = [
  'Clients say who they are, and keep what they make for themselves. In zkCli.sh:',
  '  addauth digest USER:PASSWORD',
  '  create /mine data auth::cdrwa',
  '',
]

function tlsLines(first: string, tls: UpFacts['tls']): string[] {
  if (tls === null) return []
  const { ca, cert, key } = tls
  const own = cert === null ? [] : [`  certificate ${cert}`, `  key         ${key}`]
  const python = [
    `'${first}', use_ssl=True, ca='${ca}'`,
    ...(cert === null ? [] : [`certfile='${cert}', keyfile='${key}'`]),
  ]
  const node = [`ca: '${ca}'`, ...(cert === null ? [] : [`cert: '${cert}', key: '${key}'`])]
  return [
    'Clients come by TLS, with these files, which go with the ensemble:',
    `  authority   ${ca}`,
    ...own,
    `  kazoo       KazooClient(${python.join(', ')})`,
    `  zktune      await connect('${first}', { tls: { ${node.join(', ')} } })`,
    '',
  ]
}

/** What the shell scripts of ZooKeeper hand to Java. */
function javaFlags(tls: NonNullable<UpFacts['tls']>): string {
  const flags = [
    'client.secure=true',
    'clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty',
    `ssl.trustStore.location=${tls.ca}`,
    ...(tls.keyStore === null ? [] : [`ssl.keyStore.location=${tls.keyStore}`]),
  ]
  return `CLIENT_JVMFLAGS="${flags.map((flag) => `-Dzookeeper.${flag}`).join(' ')}"`
}
