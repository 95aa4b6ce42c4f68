import type { PeerAddress, ServerSettings } from '../settings.ts'
import type { CommandResult, Fields } from './command-result.ts'
import type { AdminFacts } from './admin-facts.ts'
import { zxidText } from './connection-lines.ts'

const NOT_IN_AN_ENSEMBLE = { error: 'server is not initialized' }
const EPOCH_SIZE = 2 ** 32

export function leader({ settings, figures }: AdminFacts): CommandResult {
  if (settings.members.length === 0) return NOT_IN_AN_ENSEMBLE
  const id = figures.leader()
  const member = settings.members.find((one) => one.id === id)
  return { is_leader: id === settings.id, leader_id: id ?? -1, leader_ip: member?.host ?? '' }
}

/** Empty on a standalone server. */
export function votingView({ settings }: AdminFacts): Fields {
  const voters = settings.members.filter((one) => !one.isObserver)
  return {
    current_config: Object.fromEntries(
      voters.map((one) => [
        one.id,
        {
          server_addresses: [addressOf(one)],
          election_addresses: [addressOf(one)],
          client_address: one.id === settings.id ? ownClientAddress(settings) : '',
          learner_type: 'participant',
        },
      ]),
    ),
  }
}

/** Paxos in the words of Zab: an epoch is a ballot that was led, its counter the commands since. */
export function zabState(facts: AdminFacts): CommandResult {
  const { settings, figures } = facts
  const me = settings.members.find((one) => one.id === settings.id)
  if (me === undefined) return NOT_IN_AN_ENSEMBLE
  const { lastZxid } = facts.sessions.service.tree
  const quorum = multipleAddresses(me)
  return {
    myid: settings.id,
    is_leader: figures.leader() === settings.id,
    quorum_address: quorum,
    election_address: quorum,
    client_address: ownClientAddress(settings),
    voting: !me.isObserver,
    last_zxid: zxidText(lastZxid),
    zab_epoch: Math.floor(lastZxid / EPOCH_SIZE),
    zab_counter: lastZxid % EPOCH_SIZE,
    zabstate: facts.isServing ? 'broadcast' : 'election',
  }
}

/** As Apache shows the addresses of one server, of which there may be several: here there is one, and nobody pings it. */
function multipleAddresses(member: PeerAddress): Fields {
  const address = addressOf(member)
  return {
    empty: false,
    all_addresses: [address],
    all_reachable_addresses: [address],
    one: address,
    reachable_address: address,
    wildcard_addresses: [`0.0.0.0:${member.peerPort}`],
    all_ports: [member.peerPort],
    all_host_strings: [member.host],
    all_reachable_addresses_or_all: [address],
    reachable_or_one: address,
  }
}

/** Empty where there is no port in the clear: the others' stand in their own files. */
function ownClientAddress({ clientHost, clientPort }: ServerSettings): string {
  return clientPort === null ? '' : `${clientHost}:${clientPort}`
}

function addressOf({ host, peerPort }: PeerAddress): string {
  return `${host}:${peerPort}`
}
