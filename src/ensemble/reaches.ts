import { ZktuneError } from '../kernel/errors.ts'
import type { ServerSettings } from '../server/settings.ts'

const HOST = '127.0.0.1'
const REACH = /^([1-9]\d{0,2})=([1-9]\d{0,4})$/

/** `2=40123`: server 2 is reached by this port of this machine. */
export function reachWord(id: number, port: number): string {
  return `${id}=${port}`
}

/** @throws ZktuneError BadConfigValue for a word that `reachWord` would not make */
export function readReaches(words: readonly string[]): ReadonlyMap<number, number> {
  return new Map(
    words.map((word) => {
      const [, id, port] = REACH.exec(word) ?? []
      if (id === undefined || port === undefined) throw badReach(word, 'is no id and port', 'Write --reaches 2=40123.')
      return [Number(id), Number(port)]
    }),
  )
}

/**
 * The same server, which reaches some of the others through ports of this machine instead of where their lines say.
 *
 * @throws ZktuneError BadConfigValue for an id that is not another member's
 */
export function withReaches(settings: ServerSettings, reaches: ReadonlyMap<number, number>): ServerSettings {
  if (reaches.size === 0) return settings
  for (const [id, port] of reaches) {
    if (id !== settings.id && settings.members.some((member) => member.id === id)) continue
    throw badReach(
      reachWord(id, port),
      'names no other server of this zoo.cfg',
      'Name the id of another server.N line.',
    )
  }
  const members = settings.members.map((member) => {
    const peerPort = reaches.get(member.id)
    return peerPort === undefined ? member : { ...member, reachedAt: { host: HOST, peerPort } }
  })
  return { ...settings, members }
}

function badReach(word: string, what: string, mend: string): ZktuneError {
  return new ZktuneError('BadConfigValue', { where: '--reaches', what: `"${word}" ${what}`, mend })
}
