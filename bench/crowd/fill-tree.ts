import { readFileSync } from 'node:fs'
import type { ZooKeeperClient } from '../../src/index.ts'

const CHILDREN_PER_PARENT = 1000
const CREATES_IN_FLIGHT = 1000

/** Creates `/crowd` with so many znodes below it, a thousand to a parent. */
export async function fillTree(client: ZooKeeperClient, znodeCount: number, bytesEach: number): Promise<void> {
  const data = Buffer.alloc(bytesEach, 'z')
  await client.create('/crowd')
  for (let parent = 0; parent < znodeCount / CHILDREN_PER_PARENT; parent++) await client.create(`/crowd/p${parent}`)
  let next = 0
  await Promise.all(
    Array.from({ length: CREATES_IN_FLIGHT }, async () => {
      for (let index = next++; index < znodeCount; index = next++) {
        await client.create(`/crowd/p${Math.floor(index / CHILDREN_PER_PARENT)}/znode-${index}`, data)
      }
    }),
  )
}

/** Of memory that a process has, what is resident (`VmRSS` of proc(5)). */
export function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) / 1024
}
