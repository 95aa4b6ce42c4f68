/** The map of src/: which room may import which. A new arrow is a reviewed change to this file. */
export const mayImport = {
  kernel: [],
  protocol: ['kernel'],
  paxos: ['kernel'],
  storage: ['kernel'],
  io: ['kernel'],
  zoocfg: ['kernel'],
  stats: ['kernel'],
  lincheck: ['kernel'],
  profile: ['kernel', 'zoocfg'],
  tree: ['kernel', 'protocol'],
  client: ['kernel', 'protocol'],
  server: ['kernel', 'protocol', 'paxos', 'tree', 'storage', 'zoocfg'],
  ensemble: ['kernel', 'protocol', 'zoocfg', 'profile', 'client', 'server', 'io'],
  measure: ['kernel', 'protocol', 'stats', 'lincheck', 'zoocfg', 'profile', 'client', 'ensemble', 'io'],
  tune: ['kernel', 'stats', 'zoocfg', 'profile', 'measure', 'io'],
  report: ['kernel', 'stats', 'zoocfg', 'profile', 'measure', 'tune'],
  cli: ['kernel', 'io', 'stats', 'zoocfg', 'profile', 'ensemble', 'measure', 'tune', 'report'],
  sim: ['kernel', 'protocol', 'paxos', 'tree', 'storage', 'client', 'server', 'lincheck', 'zoocfg'],
}

const within = (rooms) => `^src/(${rooms.join('|')})/`
const mayUseNode = ['io', 'ensemble', 'measure', 'cli']
const mayUsePureNode = ['storage', 'tree', 'server']

export default {
  forbidden: [
    ...Object.entries(mayImport).map(([room, below]) => ({
      name: `${room}-imports-only-what-the-map-allows`,
      severity: 'error',
      from: { path: within([room]) },
      to: { path: '^src/', pathNot: within([room, ...below]) },
    })),
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'node-builtins-only-in-the-shell',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: within([...mayUseNode, ...mayUsePureNode]) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-deterministic-builtins-in-storage-tree-and-server',
      severity: 'error',
      from: { path: within(mayUsePureNode) },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(zlib|crypto)$' },
    },
    {
      name: 'report-takes-only-types-from-below',
      severity: 'error',
      from: { path: within(['report']) },
      to: { path: within(['measure', 'tune', 'profile', 'zoocfg', 'stats']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'server-takes-only-the-shape-of-settings',
      severity: 'error',
      from: { path: within(['server']) },
      to: { path: within(['zoocfg']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'index-joins-all-but-cli-and-sim',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: within(['cli', 'sim']) },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
}
