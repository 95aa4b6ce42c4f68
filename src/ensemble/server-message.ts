import type { ErrorCode } from '../kernel/errors.ts'
import type { ServerRole } from './ensemble.ts'

/** What a server process tells the process that started it, over Node's channel between them. */
export type ServerMessage =
  | {
      /** Each time it begins to serve. */
      readonly kind: 'serving'
      readonly role: ServerRole
    }
  | {
      /** Why it ends now, with exit code 1 or 2. */
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly where: string
      readonly what: string
      readonly mend: string
    }

/** @returns null when another process's words are none of these */
export function asServerMessage(value: unknown): ServerMessage | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null
  return value.kind === 'serving' || value.kind === 'failed' ? (value as ServerMessage) : null
}
