/**
 * Requests at a rate, whether or not those before are answered, from functions: an open loop for what the generator of
 * bytes (open.ts) cannot spell beforehand. Nothing here waits for an answer before it asks again, so time counts from when
 * each was begun; how much later than due that was is the generator's, and said beside it.
 */
import { Agent, request as open } from 'node:http'
import { digits, percentile } from '../lib/figures.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Microseconds. */
export interface Paced {
  readonly perSecond: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  /** How much later than due they began; the 99th percentile. */
  readonly late: number
}

export class Client {
  readonly #agent: Agent
  readonly #url: URL

  constructor(url: string, connections: number) {
    this.#url = new URL(url)
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  ask({ method, path, body, headers = {} }: Asked): Promise<Answered> {
    const { hostname, port } = this.#url
    const text = body === undefined ? undefined : JSON.stringify(body)
    const said =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    return new Promise((resolve, reject) => {
      const asked = open(
        { agent: this.#agent, hostname, port, method, path, headers: { ...said, ...headers } },
        (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('error', reject)
          answer.on('end', () => {
            const whole = Buffer.concat(parts).toString()
            resolve({ status: answer.statusCode ?? 0, body: whole === '' ? {} : JSON.parse(whole) })
          })
        },
      )
      asked.on('error', reject)
      asked.end(text)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/**
 * Begins `work` so many times a second until it says that there is no more.
 * @param work - undefined: the last one was the last
 */
export async function paced(
  perSecond: number,
  work: (index: number) => Promise<unknown> | undefined,
): Promise<Paced> {
  const taken: number[] = []
  const late: number[] = []
  const under = new Set<Promise<void>>()
  const from = performance.now()
  for (let index = 0; ; index++) {
    const due = from + (index * 1000) / perSecond
    while (performance.now() < due)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now() - 1)))
    const began = performance.now()
    const begun = work(index)
    if (begun === undefined) break
    late.push((began - due) * 1000)
    const one = begun.then(() => {
      taken.push((performance.now() - began) * 1000)
    })
    const ended = one.finally(() => under.delete(ended))
    under.add(ended)
  }
  await Promise.all(under)
  const seconds = (performance.now() - from) / 1000
  return {
    perSecond: digits(taken.length / seconds),
    p50: digits(percentile(taken, 50)),
    p90: digits(percentile(taken, 90)),
    p99: digits(percentile(taken, 99)),
    late: digits(percentile(late, 99)),
  }
}
