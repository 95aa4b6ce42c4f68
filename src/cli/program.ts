import { Command } from 'commander'

import { wrapped } from '../report/wrap.ts'
import { COMMANDS, EXAMPLES, examplesText } from './examples.ts'
import { exitCodesText } from './exit-codes.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type {
  BenchFlags,
  CompareFlags,
  CleanFlags,
  DiffFlags,
  DiskFlags,
  ExplainFlags,
  HistoryFlags,
  InspectFlags,
  KnobsFlags,
  LintFlags,
  ProfilesFlags,
  RecommendFlags,
  ReportFlags,
  RerunFlags,
  ServerFlags,
  UpFlags,
} from './options.ts'
import type { Shell } from './shell.ts'

const EXIT_CODES = `
Exit codes:
  ${EXIT.done}    done
  ${EXIT.failed}    the work failed
  ${EXIT.usage}    wrong usage or configuration; nothing was started
  ${EXIT.worse}    compare --fail-on worse: something is worse
  ${EXIT.inconclusive}    compare --fail-on inconclusive: something cannot be told yet
  ${EXIT.breached}   a threshold was breached
  ${EXIT.interrupted}  interrupted (Ctrl-C); what was measured until then is printed

Every option can stand under its long name in zktune.ini, here or in
$XDG_CONFIG_HOME/zktune, or as ZKTUNE_… in the environment; --verbose says
where each value came from.
`

/** What a bare `zktune` prints. */
export const SHORT_HELP = `zktune measures ZooKeeper configurations on real local ensembles.

${examplesText(EXAMPLES.zktune)}
${wrapped(`Commands: ${COMMANDS.join(', ')}.`, 80).join('\n')}
More: \`zktune --help\`, \`zktune help bench\`.
`

export interface ProgramOptions {
  readonly shell: Shell
  readonly version: string
  /** Gets the exit code of the command that ran. */
  readonly onDone: (code: ExitCode) => void
}

/**
 * The tree of commands and flags. It parses, and hands over: each command is loaded when it is called, so that help
 * and mistakes are answered at once. Throws what commander throws; writes help through `shell.print`.
 */
export function buildProgram({ shell, version, onDone }: ProgramOptions): Command {
  const program = new Command('zktune')
    .description('Measure ZooKeeper configurations on real local ensembles.')
    .version(version, '-V, --version', 'print the version; with --verbose those of the engine and of Node too')
    .option('--verbose', 'print stacks and causes when something fails')
    .option('--no-color', 'plain text, as with NO_COLOR=1')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.print(text),
      // What commander has to say against a line is thrown, too, and printed once, as every failure.
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(shell.terminal.columns, 100),
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'say more about a command')
    .addHelpText('before', examplesText(EXAMPLES.zktune))
    .addHelpText('after', EXIT_CODES)

  accessFlags(
    ensembleFlags(program.command('bench').description('Boot an ensemble, put load on it, report how fast it is.')),
  )
    .option('--chroot <znode>', 'of remote: the znode of the run, which must not exist (default: /zktune-…, a new one)')
    .option('--allow-remote-writes', 'of remote: yes, write below that znode, and remove it')
    .option('--workload <name>', 'what the clients do: a workload profile, by name or path')
    .option('--duration <time>', 'load that is measured, shared by the phases, such as 30s or 5m')
    .option('--warmup <time>', 'load before measuring, cut from the figures')
    .option('--rate <count>', 'so many requests a second, whatever becomes of them (an open loop)')
    .option('--arrivals <how>', 'of an open loop: constant (default) or poisson')
    .option('--closed', 'the capacity alone, and no latency at a rate')
    .option('--find-rate <what>', "the highest rate that keeps this, such as 'write.p99<20ms'")
    .option('--sweep <values>', 'the capacity at each, such as sessions=1,2,4,8,16,32 or in-flight=…')
    .option('--repeat <count>', 'fresh ensembles, for figures with an interval')
    .option('--thorough', 'five fresh ensembles, a minute of load on each')
    .option('--generators <count>', 'processes that the sessions are spread over')
    .option('--threshold <what>', "what must hold, such as 'set.p99<20ms' or 'errors==0'; may be repeated", repeated)
    .option('--results <folder>', 'where the run is kept (default: zktune/runs in $XDG_STATE_HOME)')
    .option('--no-results', 'keep nothing of the run')
    .option('--sessions <count>', 'client sessions')
    .option('--in-flight <count>', 'requests that each session keeps in flight')
    .option('--size <size>', 'bytes of a value: 1KiB, 100B..4KiB or 90:100B,10:64KiB')
    .option('--seed <number>', 'repeats the same load')
    .option('--plain', 'a figure a line: metric, value, unit, phase and interval, apart by tabs')
    .option('--quiet', 'the figures that stand for the run, what speaks against them, and thresholds')
    .option(
      '--export <file>',
      'also as a file, in the form its ending names: .json, .csv, .md; may be repeated',
      repeated,
    )
    .addHelpText('before', examplesText(EXAMPLES.bench))
    .action(async (flags: BenchFlags) => {
      const { bench } = await import('./bench-command.ts')
      onDone(await bench(flags, shell))
    })

  placeFlags(
    program
      .command('compare')
      .description('Measure configurations against each other on fresh ensembles, and say what differs.')
      .argument('<a>', 'what the others are held against: a zoo.cfg, or a profile by name or path')
      .argument('<b...>', 'the others, likewise')
      .option('--profile <name>', 'below every arm: a profile, by name or path; may be repeated', repeated)
      .option('--engine <name>', 'whose servers: builtin (default) or apache as installed here'),
  )
    .option('--pairs <count>', 'how often each is measured (default: 10)')
    .option('--until-conclusive', 'go on until every figure has a verdict')
    .option('--max-time <time>', 'but no longer than that (default: 20m)')
    .option('--min-effect <percent>', 'the least difference that matters (default: 5%)')
    .option('--metric <name>', 'what to compare by, such as set.p99; may be repeated', repeated)
    .option('--failover', 'also end each leader by SIGKILL, and compare the time without writes')
    .option('--across-durability', 'compare synced with unsynced: the price of a sync')
    .option('--fail-on <verdicts>', 'exit with 3 for worse, 4 for inconclusive; both with a comma')
    .option('--workload <name>', 'what the clients do: a workload profile, by name or path')
    .option('--duration <time>', 'load that is measured in each trial (default: 6s)')
    .option('--warmup <time>', 'load before measuring, cut from the figures (default: 2s)')
    .option('--rate <count>', 'the latency at so many requests a second, and no capacity')
    .option('--arrivals <how>', 'of an open loop: constant (default) or poisson')
    .option('--closed', 'the capacity alone, and no latency at a rate')
    .option('--generators <count>', 'processes that the sessions are spread over')
    .option('--sessions <count>', 'client sessions')
    .option('--in-flight <count>', 'requests that each session keeps in flight')
    .option('--size <size>', 'bytes of a value: 1KiB, 100B..4KiB or 90:100B,10:64KiB')
    .option('--seed <number>', 'repeats the same order and load')
    .option('--results <folder>', 'where it is kept (default: zktune/runs in $XDG_STATE_HOME)')
    .option('--no-results', 'keep nothing of it')
    .option('--print-config', 'print what differs, and start nothing')
    .option('--markdown', 'headings and tables, for a pull request')
    .option('--plain', 'a figure a line: arm, metric, verdict, ratio, interval and medians, apart by tabs')
    .option('--json', 'one JSON document on stdout')
    .option('--export <file>', 'also as a file, in the form its ending names: .json, .md; may be repeated', repeated)
    .addHelpText('before', examplesText(EXAMPLES.compare))
    .action(async (first: string, others: string[], flags: CompareFlags) => {
      const { compare } = await import('./compare-command.ts')
      onDone(await compare([first, ...others], flags, shell))
    })

  program
    .command('disk')
    .description('Measure what a sync costs in folders, and how many writes that allows.')
    .argument('<folder...>', 'on the devices in question: a file is written in each, and removed')
    .option('--workload <name>', 'whose writes: a workload profile, by name or path')
    .option('--size <size>', 'bytes of a value: 1KiB, 100B..4KiB or 90:100B,10:64KiB')
    .option('--sessions <count>', 'client sessions')
    .option('--in-flight <count>', 'requests that each session keeps in flight')
    .option('--duration <time>', 'of each folder (default: 2s)')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', examplesText(EXAMPLES.disk))
    .action(async (folders: string[], flags: DiskFlags) => {
      const { disk } = await import('./disk-command.ts')
      onDone(await disk(folders, flags, shell))
    })

  ensembleFlags(program.command('up').description('Boot an ensemble and keep it until Ctrl-C.'))
    .option('--port <number>', 'first client port (default: 2181 and up when free, else free ones)')
    .option('--data <folder>', 'keep the state of the servers here between runs')
    .addHelpText('before', examplesText(EXAMPLES.up))
    .action(async (flags: UpFlags) => {
      const { up } = await import('./up-command.ts')
      onDone(await up(flags, shell))
    })

  accessFlags(program.command('inspect').description('Say what servers that run already are, have and do.'))
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', examplesText(EXAMPLES.inspect))
    .action(async (flags: InspectFlags) => {
      const { inspect } = await import('./inspect-command.ts')
      onDone(await inspect(flags, shell))
    })

  program
    .command('report')
    .description('Print a run that was kept, or set it beside another.')
    .argument('<run>', 'the folder of a run, or a file with what bench --json printed')
    .option('--against <run>', 'set it beside an earlier one')
    .option('--json', 'the whole result as one JSON document')
    .option('--csv', 'a line for each phase and operation')
    .option('--markdown', 'headings and tables')
    .option('--plain', 'a figure a line, apart by tabs, as of bench and compare')
    .option('--quiet', 'the figures that stand for it, what speaks against them, and thresholds')
    .option(
      '--export <file>',
      'also as a file, in the form its ending names: .json, .csv, .md; may be repeated',
      repeated,
    )
    .addHelpText('before', examplesText(EXAMPLES.report))
    .action(async (run: string, flags: ReportFlags) => {
      const { report } = await import('./report-command.ts')
      onDone(report(run, flags, shell))
    })

  program
    .command('rerun')
    .description('Run a run that was kept again, and say whether it came out as before (1 when not).')
    .argument('<run>', 'the folder of a run, or a file with what bench --json printed')
    .option('--repeat <count>', 'fresh ensembles (default: as many as then, and at least 3)')
    .option('--keep', 'leave the folders of the run, and say where they are')
    .option('--results <folder>', 'where the run is kept (default: zktune/runs in $XDG_STATE_HOME)')
    .option('--no-results', 'keep nothing of the run')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', examplesText(EXAMPLES.rerun))
    .action(async (run: string, flags: RerunFlags) => {
      const { rerun } = await import('./rerun-command.ts')
      onDone(await rerun(run, flags, shell))
    })

  program
    .command('history')
    .description('List the runs that were kept.')
    .option('--results <folder>', 'where they are (default: zktune/runs in $XDG_STATE_HOME)')
    .option('--json', 'one JSON document on stdout')
    .option('--plain', 'one record a line, fields apart by tabs')
    .addHelpText('before', examplesText(EXAMPLES.history))
    .action(async (flags: HistoryFlags) => {
      const { history } = await import('./report-command.ts')
      onDone(history(flags, shell))
    })

  program
    .command('clean')
    .description('Remove what crashed runs left: temporary folders, and servers that outlived them.')
    .argument('[folder...]', 'where else to look: what --data-dir and --log-dir named')
    .option('-n, --dry-run', 'say what would go, and touch nothing')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', examplesText(EXAMPLES.clean))
    .action(async (folders: string[], flags: CleanFlags) => {
      const { clean } = await import('./clean-command.ts')
      onDone(await clean(folders, flags, shell))
    })

  spaceFlags(
    accessFlags(
      ensembleFlags(
        program
          .command('recommend')
          .description(
            'Search for a better configuration, measure what it brings, and write it down with the evidence.',
          ),
        'several',
      ),
    ),
  )
    .option('--chroot <znode>', 'of remote: the znode of the run, which must not exist (default: /zktune-…, a new one)')
    .option('--allow-remote-writes', 'of remote: yes, measure: write below that znode, and remove it')
    .option('--workload <name>', 'what the clients do: a workload profile, by name or path')
    .option('--objective <what>', "what to better: throughput (default), write.p99, 'p99 at 5000/s'")
    .option('--slo <what>', "what must hold, such as 'set.p99<20ms'; may be repeated", repeated)
    .option('--tolerate <count>', 'servers that the ensemble must be able to lose')
    .option(
      '--tree <size>',
      'znodes that the servers hold, for limits and heap: 100000x1KiB (default: those of the workload)',
    )
    .option('--budget <budget>', 'all trials together: 60 trials (default) or a time such as 20m')
    .option('--duration <time>', 'load that is measured in a trial (default: 6s)')
    .option('--warmup <time>', 'load before that (default: 2s)')
    .option('--sessions <count>', 'client sessions')
    .option('--in-flight <count>', 'requests that each session keeps in flight')
    .option('--size <size>', 'bytes of a value: 1KiB, 100B..4KiB or 90:100B,10:64KiB')
    .option('--generators <count>', 'processes that the sessions are spread over')
    .option('--seed <number>', 'repeats the same search')
    .option('--zookeeper-version <release>', 'that will run it, 3.5 to 3.10 (default: 3.8)')
    .option('--output <folder>', 'where all of it goes: a new folder (default: zktune-recommendation)')
    .option('--resume <folder>', 'go on with the tuning in this folder; it has its flags')
    .addHelpText('before', examplesText(EXAMPLES.recommend))
    .action(async (flags: RecommendFlags) => {
      const { recommend } = await import('./recommend-command.ts')
      onDone(await recommend(flags, shell))
    })

  spaceFlags(
    program
      .command('knobs')
      .description('List the knobs that a search varies, their ranges, and why it leaves the others alone.')
      .option('--profile <name>', 'a profile, by name or path; may be repeated', repeated)
      .option('--config <file>', 'where the search would start')
      .option('--engine <name>', 'whose servers: builtin (default) or apache')
      .option('--workload <name>', 'what the clients do: knobs that do not act on it are left alone')
      .option('--zookeeper-version <release>', 'that will run the result, 3.5 to 3.10 (default: 3.8)'),
  )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', examplesText(EXAMPLES.knobs))
    .action(async (flags: KnobsFlags) => {
      const { knobs } = await import('./knobs-command.ts')
      onDone(knobs(flags, shell))
    })

  program
    .command('profiles')
    .description('List the shipped profiles, or show one.')
    .argument('[name]', 'a profile, by name or path')
    .option('--json', 'one JSON document on stdout')
    .option('--plain', 'one record a line, fields apart by tabs')
    .addHelpText('before', examplesText(EXAMPLES.profiles))
    .action(async (name: string | undefined, flags: ProfilesFlags) => {
      const { profiles } = await import('./profiles-command.ts')
      onDone(profiles(name ?? null, flags, shell))
    })

  program
    .command('lint')
    .description('Say what is wrong or unwise in configuration files, and what Apache ZooKeeper makes of it.')
    .argument(
      '<file...>',
      'a zoo.cfg (- for stdin), a folder with *.cfg in it, or ZOO_* variables (.env, Compose, Kubernetes); ' +
        'files of one ensemble are held against each other',
    )
    .option('--zookeeper-version <release>', 'the release that will read them, 3.5 to 3.10 (default: 3.8)')
    .option('--fail-on <severity>', 'exit with 1 from this severity on: error, warning (default), info or never')
    .option('--fix', 'write what can be mended safely to a new file beside each, and show the difference')
    .option('--in-place', 'with --fix: change the file itself; what it was stays beside it')
    .option('--json', 'one JSON document on stdout')
    .option('--sarif', 'one SARIF 2.1.0 document on stdout')
    .option('--plain', 'a finding a line: place, severity, rule and message, apart by tabs')
    .option('--quiet', 'the last line alone')
    .addHelpText('before', examplesText(EXAMPLES.lint))
    .action(async (paths: string[], flags: LintFlags) => {
      const { lintFiles } = await import('./lint-command.ts')
      onDone(lintFiles(paths, flags, shell))
    })

  program
    .command('explain')
    .description('Say what a setting does, or what counts in a configuration and why.')
    .argument('<key|file>', 'a key of zoo.cfg, or the path of one (- for stdin)')
    .option('--all', 'of a file: the settings with their defaults too')
    .option('--zookeeper-version <release>', 'whose defaults count, 3.5 to 3.10 (default: 3.8)')
    .option('--json', 'one JSON document on stdout')
    .option('--plain', 'one record a line, fields apart by tabs')
    .addHelpText('before', examplesText(EXAMPLES.explain))
    .action(async (subject: string, flags: ExplainFlags) => {
      const { explain } = await import('./explain-command.ts')
      onDone(explain(subject, flags, shell))
    })

  program
    .command('diff')
    .description('Say what differs between two configurations in what counts, and what hangs on it.')
    .argument('<a>', 'a zoo.cfg')
    .argument('<b>', 'another')
    .option('--zookeeper-version <release>', 'whose defaults count, 3.5 to 3.10 (default: 3.8)')
    .option('--json', 'one JSON document on stdout')
    .option('--plain', 'one record a line, fields apart by tabs')
    .option('--quiet', 'the last line alone')
    .addHelpText('before', examplesText(EXAMPLES.diff))
    .action(async (one: string, other: string, flags: DiffFlags) => {
      const { diff } = await import('./explain-command.ts')
      onDone(diff([one, other], flags, shell))
    })

  program
    .command('completion')
    .description('Print the script by which a shell completes the lines of zktune.')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('before', examplesText(EXAMPLES.completion))
    .action(async (name: string) => {
      const { completion } = await import('./completion-command.ts')
      onDone(completion(name, program, shell))
    })

  program
    .command('server')
    .description('Run one server of the built-in engine until Ctrl-C.')
    .argument('<zoo.cfg>', 'its configuration, as ZooKeeper reads it')
    .option(
      '--reaches <id=port>',
      'reach this other server by a port of this machine, as through a tunnel; may be repeated',
      (word, all: string[] = []) => [...all, word],
    )
    .addHelpText('before', examplesText(EXAMPLES.server))
    .action(async (config: string, flags: ServerFlags) => {
      const { server } = await import('./server-command.ts')
      onDone(await server(config, flags, shell))
    })

  for (const command of program.commands) command.addHelpText('after', exitCodesText(command.name()))
  return program
}

function accessFlags(command: Command): Command {
  return command
    .option('--connect <hosts>', 'servers that run already: host:port,host:port, with a root behind them or not')
    .option('--tls', 'come to them by TLS, with the authorities that Node trusts')
    .option('--tls-ca <file>', 'by TLS, with the authorities in this PEM file')
    .option('--tls-cert <file>', 'by TLS, with this certificate of ours')
    .option('--tls-key <file>', 'its key (default: it stands in the same file)')
    .option('--tls-passphrase-file <file>', 'opens the key: its first line')
    .option('--no-tls-verify-host', "take a server's certificate that names another host")
    .option('--auth-file <file>', 'prove the user:password in its first line, by digest')
    .option('--admin-port <number>', 'of their AdminServers (default: 8080)')
}

function spaceFlags(command: Command): Command {
  return command
    .option('--knobs <keys>', 'these knobs and no others, with commas between them', listed)
    .option('--pin <key=value>', 'this setting stays so; may be repeated', repeated)
    .option(
      '--search <what>',
      'beside settings: size=3,5, observers=0,2 or security=open,tls-client; may be repeated',
      repeated,
    )
    .option('--allow-unsafe <keys>', 'take in knobs that trade durability or safety, each by its name', listed)
}

function repeated(word: string, all: readonly string[] = []): readonly string[] {
  return [...all, word]
}

function listed(words: string, all: readonly string[] = []): readonly string[] {
  return [...all, ...words.split(',').filter((word) => word !== '')]
}

/** @param logDirs whether several may be named, for a search to choose */
function ensembleFlags(command: Command, logDirs: 'one' | 'several' = 'one'): Command {
  command
    .option('--profile <name>', 'a profile, by name or path; may be repeated', repeated)
    .option('--config <file>', 'a zoo.cfg, as written for Apache ZooKeeper; no path in it is opened')
    .option(
      '--engine <name>',
      'whose servers: builtin (default), apache as installed here, or remote: they run already',
    )
  return placeFlags(command, logDirs)
    .option('--keep', 'leave the folders of the run, and say where they are')
    .option('--print-config', 'print every setting and where it comes from, and start nothing')
    .option('--json', 'one JSON document on stdout')
}

/** Where and on what the servers run. */
function placeFlags(command: Command, logDirs: 'one' | 'several' = 'one'): Command {
  command
    .option('--zookeeper-home <folder>', 'of apache: an unpacked binary release (default: $ZOOKEEPER_HOME, or found)')
    .option('--heap <size>', "of apache: heap of each server's JVM, such as 1GiB (default: up to 1000MiB)")
    .option('--link-delay <time>', 'between each two servers, one way, such as 20ms')
    .option('--link-jitter <time>', 'up to so much more, evenly drawn')
    .option('--link-loss <percent>', 'packets lost between servers, such as 0.1%, each late by a retransmission')
    .option('--data-dir <folder>', 'a folder on the device for snapshots; the run makes its own folder in it')
  const about = 'a folder on the device for the transaction log, likewise'
  return logDirs === 'one'
    ? command.option('--log-dir <folder>', about)
    : command.option('--log-dir <folder>', `${about}; the best of several is searched`, repeated)
}
