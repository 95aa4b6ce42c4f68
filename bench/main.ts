/**
 * Benchmarks of zktune itself: `npm run bench` lists them, `npm run bench -- NAME …` runs one. Nothing here passes or
 * fails: timings on a shared machine are read, not tested,
 * but for `lean-generator`, which says whether two generators agree.
 */
const BENCHES: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<unknown> }>> = {
  tree: { about: 'what applying a command and answering a read cost', load: () => import('./tree.ts') },
  storage: { about: 'records a second through the write-ahead log', load: () => import('./storage.ts') },
  'versus-apache': {
    about: 'the built-in engine beside Apache ZooKeeper, interleaved',
    load: () => import('./versus-apache/main.ts'),
  },
  crowd: {
    about: 'ten thousand idle sessions and a million znodes, beside Apache ZooKeeper',
    load: () => import('./crowd/main.ts'),
  },
  transfer: {
    about: 'whether a ranking on the built-in engine holds on Apache',
    load: () => import('./transfer/main.ts'),
  },
  tuning: { about: 'searches on response surfaces whose best is known', load: () => import('./tuning/main.ts') },
  'compare-truth': {
    about: 'whether zktune compare is right where the answer is known',
    load: () => import('./compare-truth.ts'),
  },
  generator: { about: 'what the load generator costs, and how late it sends', load: () => import('./generator.ts') },
  'lean-generator': {
    about: 'the load generator beside a lean one in C, against the same Apache server',
    load: () => import('./lean-generator/main.ts'),
  },
  agreement: { about: 'whether two runs of one plan agree', load: () => import('./agreement.ts') },
  reads: { about: 'what it costs a server to get what a socket has read', load: () => import('./reads.ts') },
  'slow-disk': { about: 'another benchmark, with every sync made longer', load: () => import('./slow-disk/main.ts') },
  'where-time-goes': { about: "the servers' CPU time by room", load: () => import('./where-time-goes.ts') },
}

const [name] = process.argv.splice(2, 1)
const bench = name === undefined ? undefined : BENCHES[name]
if (bench === undefined) {
  if (name !== undefined) console.error(`There is no benchmark "${name}".`)
  for (const [known, { about }] of Object.entries(BENCHES)) console.log(`${known.padEnd(16)}${about}`)
  process.exitCode = name === undefined ? 0 : 2
} else {
  await bench.load()
}
