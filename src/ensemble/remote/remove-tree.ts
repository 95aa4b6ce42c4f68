import type { ZooKeeperClient } from '../../client/zookeeper-client.ts'
import { ZooKeeperError } from '../../client/zookeeper-error.ts'
import { WireError } from '../../protocol/wire-error.ts'

/** Requests in flight: enough to share round trips, few enough to stay below any server's limit. */
const WINDOW = 100

/**
 * Removes a znode and everything below it, the deepest first. What others add meanwhile (sessions of the run whose last
 * request is still under way) is removed too, until the deadline.
 *
 * @param untilMs on the clock of `performance.now()`
 * @throws ZooKeeperError of the first request that failed otherwise than by what it looked for being gone
 */
export async function removeTree(client: ZooKeeperClient, root: string, untilMs: number): Promise<void> {
  for (;;) {
    const found = await everythingBelow(client, root)
    for (const level of [...found].reverse()) await inWindows(level, (path) => remove(client, path))
    if (await remove(client, root)) return
    if (performance.now() > untilMs) throw new ZooKeeperError(WireError.notEmpty, 'delete', root)
  }
}

/** By level, from the children of the root downwards. */
async function everythingBelow(client: ZooKeeperClient, root: string): Promise<readonly (readonly string[])[]> {
  const levels: string[][] = []
  for (let level = [root]; level.length > 0;) {
    const next: string[] = []
    await inWindows(level, async (path) => {
      const names = await client.getChildren(path).catch(unless(WireError.noNode, []))
      for (const name of names) next.push(`${path}/${name}`)
    })
    if (next.length > 0) levels.push(next)
    level = next
  }
  return levels
}

/** @returns false when it still has children */
async function remove(client: ZooKeeperClient, path: string): Promise<boolean> {
  try {
    await client.delete(path).catch(unless(WireError.noNode, undefined))
    return true
  } catch (error) {
    if (error instanceof ZooKeeperError && error.code === WireError.notEmpty) return false
    throw error
  }
}

function unless<T>(code: number, value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ZooKeeperError && error.code === code) return value
    throw error
  }
}

async function inWindows(paths: readonly string[], each: (path: string) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < paths.length; start += WINDOW) {
    await Promise.all(paths.slice(start, start + WINDOW).map(each))
  }
}
