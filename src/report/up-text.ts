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
  readonly servers: readonly ShownServer[]
  /** Where the state is kept for the next time; null when it goes with the ensemble. */
  readonly keptIn: string | null
  /** Acknowledged writes may be lost with the machine. */
  readonly isUnsafe: boolean
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
    '',
    table,
    '',
    ...tlsLines(facts.tls),
    ...(facts.isUnsafe ? [warned('UNSAFE: a power cut loses writes that were acknowledged.', style)] : []),
    facts.keptIn === null
      ? 'What clients write goes with the ensemble; --data DIR keeps it.'
      : `State: ${facts.keptIn}`,
    ...reasonLines('Given, but not acted on by this engine:', facts.notHonoured, style),
    '',
    `Ctrl-C ends it. Next, from another terminal: ${javaFlags(facts.tls)}zkCli.sh -server ${first}`,
  ]
  return `${lines.join('\n')}\n`
}

function tlsLines(tls: UpFacts['tls']): string[] {
  if (tls === null) return []
  const own = tls.cert === null ? [] : [`  certificate ${tls.cert}`, `  key         ${tls.key}`]
  return ['Clients come by TLS:', `  authority   ${tls.ca}`, ...own, '']
}

/** What the shell scripts of ZooKeeper hand to Java. */
function javaFlags(tls: UpFacts['tls']): string {
  if (tls === null) return ''
  const flags = [
    'client.secure=true',
    'clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty',
    `ssl.trustStore.location=${tls.ca}`,
    ...(tls.keyStore === null ? [] : [`ssl.keyStore.location=${tls.keyStore}`]),
  ]
  return `CLIENT_JVMFLAGS="${flags.map((flag) => `-Dzookeeper.${flag}`).join(' ')}" `
}
