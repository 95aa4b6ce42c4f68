import { connectedClient } from '../connected-client.ts'

/** The fastest of a few writes, one after the other: what distance alone would allow at least, load only makes worse. */
export async function fastestWriteMs(hosts: string): Promise<number> {
  const client = await connectedClient(hosts)
  const path = await client.create('/distance-', '', { mode: 'persistentSequential' })
  let fastestMs = Infinity
  for (let count = 0; count < 20; count++) {
    const startMs = performance.now()
    await client.setData(path, 'x')
    fastestMs = Math.min(fastestMs, performance.now() - startMs)
  }
  await client.close()
  return fastestMs
}
