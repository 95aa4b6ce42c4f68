import { connectedClient } from '../connected-client.ts'

export interface SeenZnode {
  readonly data: string | null
  readonly version: number
  /** All of its Stat, as text. */
  readonly stat: string
}

/** Every znode as one server shows it, after a sync: path → what there is. */
export async function wholeTree(port: number): Promise<Map<string, SeenZnode>> {
  await using client = await connectedClient(`127.0.0.1:${port}`)
  await client.sync()
  const seen = new Map<string, SeenZnode>()
  const waiting = ['/']
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const [{ data, stat }, children] = await Promise.all([client.getData(path), client.getChildren(path)])
    const text = JSON.stringify(stat, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    seen.set(path, { data: data?.toString() ?? null, version: stat.version, stat: text })
    for (const name of children) waiting.push(path === '/' ? `/${name}` : `${path}/${name}`)
  }
  return seen
}
