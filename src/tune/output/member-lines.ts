/** The `server.N` lines of a file for another number of servers. */
import { readProperties } from '../../zoocfg/properties.ts'
import { commentedText } from './zoo-cfg-text.ts'

export interface MemberCount {
  readonly voters: number
  readonly observers: number
}

const SERVER_KEY = /^server\.(\d+)$/
const OBSERVER = /:observer\b/i

/**
 * The text with as many voters and observers as are asked for: the last ones go, as comments; new ones are like the last of all, with
 * hosts that are examples. A text without servers stays as it is: they are named elsewhere.
 */
export function withMembers(text: string, { voters, observers }: MemberCount): string {
  const roles = [
    { count: voters, isObserver: false },
    { count: observers, isObserver: true },
  ]
  return roles.reduce((result, { count, isObserver }) => {
    const members = membersOf(result)
    const own = members.filter((member) => member.isObserver === isObserver)
    if (members.length === 0 || own.length === count) return result
    if (own.length > count)
      return withoutLines(
        result,
        own.slice(count).map(({ key }) => key),
      )
    return withMore(result, members, { count: count - own.length, isObserver })
  }, text)
}

interface Member {
  readonly key: string
  readonly id: number
  readonly value: string
  readonly isObserver: boolean
}

/** By id. */
function membersOf(text: string): readonly Member[] {
  const byKey = new Map(readProperties(text).entries.map(({ key, value }) => [key.trim(), value.trim()]))
  return [...byKey]
    .flatMap(([key, value]) => {
      const id = SERVER_KEY.exec(key)?.[1]
      return id === undefined ? [] : [{ key, id: Number(id), value, isObserver: OBSERVER.test(value) }]
    })
    .sort((one, other) => one.id - other.id)
}

function withMore(
  text: string,
  members: readonly Member[],
  { count, isObserver }: { readonly count: number; readonly isObserver: boolean },
): string {
  const last = members.at(-1)
  if (last === undefined) return text
  const added = Array.from({ length: count }, (_, index) => {
    const id = last.id + 1 + index
    return {
      key: `server.${id}`,
      value: memberValue(last.value, `zookeeper-${id}`, isObserver),
      comment: [
        `the ensemble that was measured has it; its host is an example${isObserver ? ', and it needs peerType=observer' : ''}`,
      ],
    }
  })
  return commentedText(text, added)
}

/** `zk3:2888:3888;2181` with another host and role. Of several addresses the first. */
function memberValue(like: string, host: string, isObserver: boolean): string {
  const [addresses = '', ...clients] = like.split(';')
  const [quorum = '2888', election = '3888'] =
    /(\d+):(\d+)(?::[a-z]+)?\s*$/i.exec(addresses.split('|')[0] ?? '')?.slice(1) ?? []
  const client = clients.map((each) => `;${/(\d+)\s*$/.exec(each)?.[1] ?? '2181'}`).join('')
  return `${host}:${quorum}:${election}${isObserver ? ':observer' : ''}${client}`
}

function withoutLines(text: string, keys: readonly string[]): string {
  let result = text
  // From the end on, so that what comes before a change stays where it is.
  for (const { key, start, valueEnd } of [...readProperties(text).entries].reverse()) {
    if (!keys.includes(key.trim())) continue
    const line = result.slice(start, valueEnd).replaceAll(/[\r\n]+/g, ' ')
    result = `${result.slice(0, start)}# not in the ensemble that was measured: ${line}${result.slice(valueEnd)}`
  }
  return result
}
