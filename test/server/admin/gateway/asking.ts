import { setImmediate as nextTurn } from 'node:timers/promises'
import { FakeHttpServer } from '../../fake-http.ts'

const PATIENCE_MS = 20_000

/** A server with the gateway, which applies what is submitted at once. */
export class GatewayServer extends FakeHttpServer {
  constructor(lines: Readonly<Record<string, string>> = {}) {
    super({ 'zktune.gatewayPort': '9998', ...lines })
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    while (this.http.served.length === 0) await nextTurn()
    let isAnswered = false
    const answered = this.http.ask(path, init).finally(() => {
      isAnswered = true
    })
    await this.#until(() => isAnswered)
    return await answered
  }

  async json(path: string, init: RequestInit = {}): Promise<unknown> {
    return await (await this.ask(path, init)).json()
  }

  /** Lets everything happen that needs no clock. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 10; turns++) await this.#turn()
  }

  put(path: string, data: string, query = ''): Promise<Response> {
    return this.ask(`/znodes/v1${path}${query}`, withBody('PUT', data))
  }

  post(path: string, data: string, query: string): Promise<Response> {
    return this.ask(`/znodes/v1${path}?op=create&${query}`, withBody('POST', data))
  }

  async #until(isDone: () => boolean): Promise<void> {
    // The first request loads what answers it.
    const deadlineMs = performance.now() + PATIENCE_MS
    while (!isDone()) {
      if (performance.now() > deadlineMs) throw new Error('no answer came')
      await this.#turn()
    }
  }

  async #turn(): Promise<void> {
    await nextTurn()
    this.apply()
  }
}

export function withBody(method: string, data: string): RequestInit {
  return { method, body: data, headers: { 'Content-Type': 'application/octet-stream' } }
}
