import type { Http, HttpHandler, HttpListener, HttpOptions } from '../../src/kernel/ports.ts'
import { HttpSide } from '../../src/server/admin/http-side.ts'
import { FakeServer } from './fake-world.ts'

/** Ports without sockets: what would be served is asked directly. */
export class FakeHttp implements Http {
  readonly served: { readonly options: HttpOptions; readonly handler: HttpHandler }[] = []
  /** Every port is taken while this is set. */
  refusal: Error | null = null

  serve(options: HttpOptions, handler: HttpHandler): Promise<HttpListener> {
    if (this.refusal !== null) return Promise.reject(this.refusal)
    this.served.push({ options, handler })
    return Promise.resolve({ port: options.port, close: (onClosed) => onClosed() })
  }

  /** Asks the one port that is open. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const [only] = this.served
    if (only === undefined || this.served.length > 1) throw new Error(`${this.served.length} ports are open, not one`)
    return await only.handler(new Request(`http://localhost${path}`, init))
  }

  get options(): HttpOptions | null {
    return this.served[0]?.options ?? null
  }
}

/** A server's client side made by hand, with its HTTP ports open. @param lines of zoo.cfg */
export class FakeHttpServer extends FakeServer {
  readonly http = new FakeHttp()
  readonly notes: string[] = []
  readonly httpSide: HttpSide

  constructor(lines: Readonly<Record<string, string>>, members: ConstructorParameters<typeof FakeServer>[1] = []) {
    super(lines, members)
    this.httpSide = new HttpSide({ facts: this.admin, http: this.http, onNote: (note) => this.notes.push(note) })
    this.httpSide.start()
  }
}
