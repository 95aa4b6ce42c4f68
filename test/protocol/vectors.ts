import { readFileSync } from 'node:fs'
import type { Acl } from '../../src/protocol/acl.ts'
import type { Stat } from '../../src/protocol/stat.ts'
import { halvesOf } from '../../src/kernel/session-id.ts'

/**
 * Frames captured from a live Apache ZooKeeper 3.8.0, one JSON document a line: the bytes as hexadecimal digits, and
 * their fields as read by an independent decoder. 64-bit values are decimal strings, buffers are `{ hex }`.
 */
export interface Vector {
  readonly name: string
  readonly description: string
  readonly record: string
  readonly frame: string
  readonly fields: Fields
}

export type Fields = { readonly [field: string]: unknown }

export const vectors: readonly Vector[] = readFileSync(new URL('vectors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector)

export function vectorNamed(name: string): Vector {
  const vector = vectors.find((candidate) => candidate.name === name)
  if (vector === undefined) throw new Error(`there is no vector ${name}`)
  return vector
}

/** The frame without its length. */
export function payloadOf(vector: Vector): Buffer {
  return Buffer.from(vector.frame, 'hex').subarray(4)
}

// What follows turns the fields of a vector into our records, by other means than the codecs under test.

export const text = (value: unknown): string => value as string
export const integer = (value: unknown): number => Number(value)
export const fieldsOf = (value: unknown): Fields => value as Fields
export const listOf = (value: unknown): readonly unknown[] => value as readonly unknown[]

export function bytes(value: unknown): Buffer | null {
  return value === null ? null : Buffer.from((value as { hex: string }).hex, 'hex')
}

export function aclOf(value: unknown): Acl[] | null {
  if (value === null) return null
  return (value as { perms: number; id: { scheme: string; id: string } }[]).map((entry) => ({
    perms: entry.perms,
    scheme: entry.id.scheme,
    id: entry.id.id,
  }))
}

export function sessionHalves(value: unknown): { sessionHigh: number; sessionLow: number } {
  const { high, low } = halvesOf(BigInt(value as string))
  return { sessionHigh: high, sessionLow: low }
}

export function statOf(value: unknown): Stat {
  const { ephemeralOwner, ...rest } = fieldsOf(value)
  const { high, low } = halvesOf(BigInt(ephemeralOwner as string))
  const numbers = Object.fromEntries(Object.entries(rest).map(([name, field]) => [name, Number(field)]))
  return { ...numbers, ephemeralOwnerHigh: high, ephemeralOwnerLow: low } as unknown as Stat
}
