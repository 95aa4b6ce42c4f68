import type { Request } from 'autocannon'
import type { Prng } from '../../kernel/prng.ts'
import type { OperationKind, Workload } from '../../profile/plan.ts'
import { HttpFault } from './http-fault.ts'
import type { KeySet } from '../key-set.ts'

/** What monitoring asks for over and over; commands that dump sessions or watches are nobody's routine. */
const ADMIN_COMMANDS = ['ruok', 'monitor', 'stats', 'server_stats', 'is_read_only', 'configuration']
/** So many fixed requests that a connection goes through; kinds stand among them by their weights. */
const CYCLE = 100
/** Copied for each request: autocannon writes the length of a body into the headers that it is given. */
const BYTES = { 'content-type': 'application/octet-stream', accept: 'application/octet-stream' }

/** @param code how it failed; 0 when it did not */
export type OnAnswer = (kind: OperationKind, code: number) => void

/** The requests of a workload, in an order that chance has made; which znode each asks for is drawn anew each time. */
export function httpRequests(workload: Workload, keys: KeySet, prng: Prng, onAnswer: OnAnswer): readonly Request[] {
  if (workload.shape.via === 'admin') return ADMIN_COMMANDS.map((command) => adminRequest(command, onAnswer))
  const weights = Object.entries(workload.mix) as [OperationKind, number][]
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  const kinds = weights.flatMap(([kind, weight]) => {
    return Array.from({ length: Math.max(1, Math.round((CYCLE * weight) / total)) }, () => kind)
  })
  return prng.shuffle(kinds).map((kind) => znodeRequest(kind, keys, prng, onAnswer))
}

/** An AdminServer answers 200 also to what it cannot do, and says so in the body. */
function adminRequest(command: string, onAnswer: OnAnswer): Request {
  return {
    path: `/commands/${command}`,
    onResponse: (status, body) => {
      const isRefused = status === 200 && !/"error"\s*:\s*null/.test(body)
      onAnswer('admin', isRefused ? HttpFault.refused : codeOf(status))
    },
  }
}

function znodeRequest(kind: OperationKind, keys: KeySet, prng: Prng, onAnswer: OnAnswer): Request {
  let value = 0
  const at = (path: string, query = ''): string => `/znodes/v1${path}${query}`
  const setupRequest = (request: Request): Request => {
    if (kind === 'children') {
      return { ...request, path: at(keys.folderOf(keys.pickFolder(prng)), '?view=children') }
    }
    const path = at(keys.pathOf(keys.pickKey(prng)))
    if (kind === 'set') return { ...request, method: 'PUT', path, headers: { ...BYTES }, body: keys.valueAt(value++) }
    // Of bytes the answer is 204: autocannon waits for the body that one to HEAD with a length does not have.
    if (kind === 'exists') return { ...request, method: 'HEAD', path, headers: { ...BYTES } }
    return { ...request, path, headers: { ...BYTES } }
  }
  return { setupRequest, onResponse: (status) => onAnswer(kind, codeOf(status)) }
}

function codeOf(status: number): number {
  return status >= 200 && status < 300 ? 0 : status
}
