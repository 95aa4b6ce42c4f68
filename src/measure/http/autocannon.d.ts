/** What we use of autocannon 9, which comes without types. */
declare module 'autocannon' {
  export interface Request {
    readonly method?: string
    readonly path?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Buffer
    /** Called for each request that leaves, with the defaults laid below it. */
    readonly setupRequest?: (request: Request) => Request
    /** Called right before the event `response` of the same answer. */
    readonly onResponse?: (status: number, body: string) => void
  }

  export interface Options {
    /** Connections take turns. */
    readonly url: readonly string[]
    readonly connections: number
    readonly pipelining: number
    /** Seconds, after which it ends by itself. */
    readonly duration: number
    /** Milliseconds between two looks at whether to end. */
    readonly sampleInt?: number
    readonly requests: readonly Request[]
  }

  export interface Instance extends PromiseLike<{ readonly non2xx: number; readonly errors: number }> {
    on(event: 'response', onResponse: (client: unknown, status: number, bytes: number, ms: number) => void): void
    on(event: 'reqError', onError: (error: Error) => void): void
    stop(): void
  }

  export default function autocannon(options: Options): Instance
}
