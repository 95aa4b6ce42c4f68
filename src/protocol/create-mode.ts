/**
 * The `flags` of a create request: what kind of znode, and whether its name gets a sequence number.
 *
 * | flags | ephemeral | sequential | op codes that go with it  |
 * |-------|-----------|------------|---------------------------|
 * | 0     |           |            | create, create2           |
 * | 1     | x         |            | create, create2           |
 * | 2     |           | x          | create, create2           |
 * | 3     | x         | x          | create, create2           |
 * | 4     |           |            | createContainer           |
 * | 5     |           |            | createTTL                 |
 * | 6     |           | x          | createTTL                 |
 *
 * Source: CreateMode (Apache ZooKeeper 3.9).
 */
export const CreateMode = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const

export type CreateModeName = keyof typeof CreateMode

/** The largest ttl in milliseconds: 40 bits. The smallest is 1. */
export const TTL_MS_MAX = 2 ** 40 - 1

export function isCreateMode(flags: number): boolean {
  return flags >= CreateMode.persistent && flags <= CreateMode.persistentSequentialWithTtl
}

export function isEphemeralMode(flags: number): boolean {
  return flags === CreateMode.ephemeral || flags === CreateMode.ephemeralSequential
}

export function isSequentialMode(flags: number): boolean {
  return (
    flags === CreateMode.persistentSequential ||
    flags === CreateMode.ephemeralSequential ||
    flags === CreateMode.persistentSequentialWithTtl
  )
}

export function isTtlMode(flags: number): boolean {
  return flags === CreateMode.persistentWithTtl || flags === CreateMode.persistentSequentialWithTtl
}
