import { expect, test } from 'vitest'
import { ballotOf } from '../../../src/paxos/ballot.ts'
import { slotOf } from '../../../src/paxos/entry.ts'
import type { PeerMessage } from '../../../src/server/peers/peer-message.ts'
import { ForwardedWrites } from '../../../src/server/replication/forwarded-writes.ts'
import type { AttachRequest } from '../../../src/server/replication/replicated-service.ts'
import { Following, Looking } from '../../../src/server/replication/standing.ts'

const BALLOT = ballotOf(3, 2)
const ATTACH: AttachRequest = {
  requestNumber: 9,
  sessionHigh: 1,
  sessionLow: 2,
  password: Buffer.alloc(16),
  timeoutMs: 10_000,
  connection: 4,
}

/** A follower of server 2, and what it has sent there. */
function following(forwarded = new ForwardedWrites()): {
  readonly follower: Following
  readonly sent: readonly PeerMessage[]
  readonly forwarded: ForwardedWrites
} {
  const sent: PeerMessage[] = []
  const links = {
    send: (to: number, message: PeerMessage) => {
      expect(to).toBe(2)
      sent.push(message)
    },
  }
  const follower = new Following({ leader: 2, ballot: BALLOT, serveFrom: slotOf(7), links, forwarded }, [])
  return { follower, sent, forwarded }
}

test('a follower names its sessions first, and numbers the writes that it sends', () => {
  const { follower, sent } = following()
  const [one, other] = [Buffer.from('one'), Buffer.from('other')]
  follower.submit(one)
  follower.submit(other)
  expect(sent).toEqual([
    { kind: 'sessionReport', ballot: BALLOT, sessions: [] },
    { kind: 'forward', ballot: BALLOT, number: 1, command: one },
    { kind: 'forward', ballot: BALLOT, number: 2, command: other },
  ])
})

test('a follower asks its leader for syncs and sessions, and tells it who was heard', () => {
  const { follower, sent } = following()
  follower.sync(5)
  follower.attach(ATTACH)
  follower.touch([1, 2])
  expect(sent.slice(1)).toEqual([
    { kind: 'syncAsked', ballot: BALLOT, requestNumber: 5 },
    { kind: 'attachAsked', ballot: BALLOT, request: ATTACH },
    { kind: 'touches', sessions: [1, 2] },
  ])
})

test('behind the end of a link no write is sent, for it could overtake one that was lost', () => {
  const { follower, sent, forwarded } = following()
  follower.submit(Buffer.from('one'))
  forwarded.onLinkChanged(2)
  follower.submit(Buffer.from('other'))
  expect(sent.map(({ kind }) => kind)).toEqual(['sessionReport', 'forward'])
})

test('what is asked without a leader is asked of the next one, once and in order', () => {
  const looking = new Looking()
  const command = Buffer.from('write')
  looking.submit(command)
  looking.sync(5)
  looking.attach(ATTACH)
  const { follower, sent } = following()
  looking.askAgain(follower)
  looking.askAgain(follower)
  expect(sent.slice(1)).toEqual([
    { kind: 'forward', ballot: BALLOT, number: 1, command },
    { kind: 'syncAsked', ballot: BALLOT, requestNumber: 5 },
    { kind: 'attachAsked', ballot: BALLOT, request: ATTACH },
  ])
})

test('what clients asked for who are gone is asked of nobody', () => {
  const looking = new Looking()
  looking.submit(Buffer.from('write'))
  looking.forget()
  const { follower, sent } = following()
  looking.askAgain(follower)
  expect(sent.map(({ kind }) => kind)).toEqual(['sessionReport'])
})
