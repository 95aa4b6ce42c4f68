export interface Example {
  readonly line: string
  readonly does: string
}

/** By command. A test runs these; they stand at the top of the help of their command. */
export const EXAMPLES = {
  zktune: [
    { line: 'zktune bench --profile small-cluster', does: 'how fast are three servers here?' },
    { line: 'zktune up', does: 'a ZooKeeper for development, until Ctrl-C' },
  ],
  bench: [
    { line: 'zktune bench --profile small-cluster', does: 'three servers, every write synced' },
    { line: 'zktune bench --config zoo.cfg --workload write-heavy', does: 'your own configuration' },
    { line: 'zktune bench --engine apache --heap 1GiB', does: 'the ZooKeeper that is installed here' },
    { line: 'zktune bench --rate 5000 --arrivals poisson', does: 'latency at a rate that no stall can slow down' },
    { line: "zktune bench --find-rate 'write.p99<20ms'", does: 'how much it takes, within that' },
    { line: 'zktune bench --sweep sessions=1,2,4,8,16,32', does: 'how it scales, and where that ends' },
    { line: 'zktune bench --thorough --json', does: 'five fresh ensembles, intervals, one JSON document' },
  ],
  compare: [
    { line: 'zktune compare durable batched-sync', does: 'two profiles, ten pairs of fresh ensembles' },
    { line: 'zktune compare old.cfg new.cfg --markdown', does: 'two files, for a pull request' },
    { line: 'zktune compare old.cfg new.cfg --until-conclusive --fail-on worse', does: 'a gate in CI' },
    { line: 'zktune compare durable volatile --across-durability', does: 'the price of a sync' },
    { line: 'zktune compare small-cluster medium-cluster --failover', does: 'what a lost leader costs' },
  ],
  disk: [
    { line: 'zktune disk .', does: 'how many synced writes a second does this folder allow?' },
    { line: 'zktune disk /data /log --size 4KiB', does: 'two folders, and whether they are one device' },
  ],
  report: [
    { line: 'zktune report RUN', does: 'the tables again' },
    { line: 'zktune report RUN --markdown', does: 'for a pull request' },
    { line: 'zktune report RUN --against EARLIER', does: 'what changed since' },
  ],
  rerun: [
    { line: 'zktune rerun RUN', does: 'does it come out as before?' },
    { line: 'zktune rerun RUN --repeat 5 --json', does: 'on five fresh ensembles, as one JSON document' },
  ],
  history: [{ line: 'zktune history', does: 'what was run here' }],
  clean: [
    { line: 'zktune clean --dry-run', does: 'what did crashed runs leave?' },
    { line: 'zktune clean /mnt/log', does: 'remove it, also from where --log-dir was' },
  ],
  up: [
    { line: 'zktune up', does: 'three servers at 127.0.0.1:2181 and up' },
    { line: 'zktune up --profile standalone --port 12181', does: 'one server, at a port of your choice' },
    { line: 'zktune up --data ./state', does: 'keep what clients wrote for the next time' },
  ],
  inspect: [
    { line: 'zktune inspect --connect zk1:2181,zk2:2181,zk3:2181', does: 'roles, settings, findings, workload' },
    { line: 'zktune inspect --connect zk1:2281 --tls-ca ca.pem --json', does: 'by TLS, as one JSON document' },
  ],
  lint: [
    { line: 'zktune lint zoo.cfg', does: 'what is wrong with it' },
    { line: 'zktune lint conf/ --zookeeper-version 3.9 --fail-on error', does: 'a folder, in CI' },
    { line: 'zktune lint zoo.cfg --fix', does: 'mend what is safe to mend' },
  ],
  explain: [
    { line: 'zktune explain snapCount', does: 'what it does, trades and risks' },
    { line: 'zktune explain conf/zoo.cfg', does: 'what counts, and where it comes from' },
  ],
  diff: [{ line: 'zktune diff a.cfg b.cfg', does: 'what differs in what counts' }],
  recommend: [
    {
      line: 'zktune recommend --config zoo.cfg --workload write-heavy --output advice',
      does: 'a better zoo.cfg, with the evidence for every line',
    },
    {
      line: "zktune recommend --objective 'p99 at 5000/s' --slo 'set.p99<20ms' --tolerate 1 --budget 20m",
      does: 'the lowest latency at a rate, within limits',
    },
    {
      line: 'zktune recommend --search size=3,5 --tolerate 1 --tree 100000x1KiB --workload read-heavy',
      does: 'the ensemble too: its size, and limits for that tree',
    },
    { line: 'zktune recommend --resume advice', does: 'go on after Ctrl-C, a crash or a reboot' },
  ],
  knobs: [
    { line: 'zktune knobs', does: 'what a search varies, and over which ranges' },
    { line: 'zktune knobs --engine apache --workload read-heavy', does: 'for that engine and that load' },
    { line: 'zktune knobs --json', does: 'as one JSON document' },
  ],
  profiles: [
    { line: 'zktune profiles', does: 'list all' },
    { line: 'zktune profiles small-cluster', does: 'show one' },
  ],
  completion: [{ line: 'zktune completion bash', does: 'what to put where your shell reads it' }],
  server: [{ line: 'zktune server conf/zoo.cfg', does: 'run the server that this file describes' }],
} satisfies Readonly<Record<string, readonly Example[]>>

/** Every command that has examples, which is every one but `help`, in the order of the help. */
export const COMMANDS: readonly string[] = Object.keys(EXAMPLES).filter((name) => name !== 'zktune')

/** Side by side when all of them fit a line, else one below the other. */
export function examplesText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(({ line }) => line.length))
  const areShort = examples.every(({ does }) => width + does.length <= 74)
  const lines = examples.map(({ line, does }) => {
    return areShort ? `  $ ${line.padEnd(width)}  ${does}` : `  $ ${line}\n      ${does}`
  })
  return `Examples:\n${lines.join('\n')}\n`
}
