/** The part of autocannon that `npm run load` uses; the package brings no types. */
declare module 'autocannon' {
  interface Request {
    readonly method: 'POST'
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    /** Runs once a connection. */
    readonly setupClient: (client: { setRequests(requests: readonly Request[]): void }) => void
  }
  interface Result {
    readonly requests: { readonly average: number; readonly total: number }
    /** Milliseconds, whole ones: autocannon sees no finer. */
    readonly latency: {
      readonly p50: number
      readonly p99: number
      readonly p99_9: number
      readonly max: number
    }
    readonly errors: number
    readonly timeouts: number
    readonly non2xx: number
  }
  function autocannon(options: Options): Promise<Result>
  namespace autocannon {
    export type { Request }
  }
  export default autocannon
}
