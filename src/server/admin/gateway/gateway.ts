import type { GatewaySettings } from '../../../zoocfg/settings/admin-settings.ts'
import type { AdminFacts } from '../admin-facts.ts'
import { RestSessions } from './rest-sessions.ts'
import { StateHistory } from './state-history.ts'

/** The REST gateway of one server: its sessions, the states it can show, and the application over both. */
export class Gateway {
  readonly #sessions: RestSessions
  readonly #history: StateHistory

  constructor({ sessions, clock }: AdminFacts, { historyWindowMs }: GatewaySettings) {
    this.#sessions = new RestSessions({
      clock,
      accept: (connection) => sessions.onInternalConnection(connection),
      fill: sessions.fill,
    })
    this.#history = new StateHistory({ service: sessions.service, clock, windowMs: historyWindowMs })
  }

  /** From here on states are kept. */
  start(): void {
    this.#history.start()
  }

  async app(): Promise<{ fetch(request: Request): Response | Promise<Response> }> {
    const { gatewayApp } = await import('./gateway-app.ts')
    return gatewayApp(this.#sessions, this.#history)
  }

  stop(): void {
    this.#history.stop()
    this.#sessions.stop()
  }
}
