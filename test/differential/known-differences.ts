/** Where the engine does something else than Apache ZooKeeper 3.8.0, and how a differential run deals with it. */
export interface KnownDifference {
  /** A heading of docs/differences.md. */
  readonly name: string
  /** `avoided`: the generator does not go there. `masked`: both are brought to one text. */
  readonly how: 'avoided' | 'masked'
  readonly where: string
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'A check outside of a multi',
    how: 'avoided',
    where: 'generate.ts draws check in multi only',
  },
  {
    name: 'Create flags that do not fit the operation',
    how: 'avoided',
    where: 'requests.ts draws the flags that go with the op code, or flags that no mode has',
  },
  {
    name: 'Another session cannot be cut off by its id',
    how: 'avoided',
    where: 'conversation.ts ends the connection of a session before somebody tries a wrong password',
  },
  {
    name: 'Watch events are for those who may read',
    how: 'avoided',
    where: 'generate.ts lets everybody read in sequences that set watches',
  },
  {
    name: 'Watch events carry their zxid',
    how: 'masked',
    where: 'reply-text.ts leaves it out',
  },
  {
    name: 'Persistent watches stay beside one-shot watches',
    how: 'avoided',
    where: 'generate.ts: a session uses one kind of watch for one path',
  },
  {
    name: 'Each kind of watch is removed by its own name',
    how: 'avoided',
    where: 'requests.ts: one kind is named for one-shot watches only',
  },
  {
    name: 'An ACL entry without an id',
    how: 'avoided',
    where: 'pools.ts has null ids where Apache refuses them as such',
  },
  {
    name: 'The order of what auth stands for',
    how: 'masked',
    where: 'reply-text.ts sorts neighbouring digest ids of the same permissions',
  },
  {
    name: 'setWatches is all or nothing',
    how: 'avoided',
    where: 'requests.ts draws null for the first list only',
  },
  {
    name: 'A null path is no path',
    how: 'avoided',
    where:
      'requests.ts draws none for setData, setACL, for watches, in multi, and where the flags or the TTL may be wrong',
  },
  {
    name: 'A multi that cannot be read has no results',
    how: 'masked',
    where: 'reply-text.ts drops the results behind an error',
  },
  {
    name: 'checkWatches looks at its own session',
    how: 'avoided',
    where: 'requests.ts draws it where there is one session only',
  },
  {
    name: 'A new ACL counts from the next request on',
    how: 'avoided',
    where: 'generate.ts: a setACL is the last of its burst',
  },
  {
    name: 'A hard quota holds within a multi',
    how: 'avoided',
    where: 'requests.ts: a multi is of one operation, and a burst of one request, where there are quotas',
  },
  {
    name: 'The usage of a quota is never stale',
    how: 'avoided',
    where: 'requests.ts: limits and usage are made once, the limits first',
  },
  {
    name: 'A connection that a session has left may read',
    how: 'avoided',
    where: 'generate.ts: only writes go through it',
  },
  {
    name: 'Watches are looked up by any path',
    how: 'avoided',
    where: 'requests.ts: paths of checkWatches and removeWatches have a slash',
  },
  {
    name: 'The first configuration has a version',
    how: 'masked',
    where: 'reply-text.ts leaves out the data of /zookeeper/config, its mzxid and its time',
  },
  {
    name: 'Text is UTF-8',
    how: 'avoided',
    where: 'requests.ts: what is echoed has no supplementary characters',
  },
  {
    name: 'A create2 in a multi answers with a Stat',
    how: 'masked',
    where: 'reply-text.ts compares its path alone',
  },
  {
    name: 'A quota is never overshot',
    how: 'avoided',
    where: 'pools.ts has no path below /zookeeper/quota',
  },
  {
    name: 'A soft quota is told of even if quotas are not enforced',
    how: 'avoided',
    where: 'a line in the log, which nobody compares',
  },
  {
    name: 'A usage is always what is there',
    how: 'avoided',
    where: 'pools.ts has no path below /zookeeper/quota',
  },
  {
    name: 'All servers show the config of the leader',
    how: 'avoided',
    where: 'both servers are standalone, and their config is empty',
  },
  {
    name: 'A reconfig changes no members yet',
    how: 'avoided',
    where: 'both servers have reconfigEnabled=false',
  },
]
