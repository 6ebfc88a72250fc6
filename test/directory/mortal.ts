/** A sidecar as a process of its own, asked by the boss of an organization; killed, and started again over its folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Started, startSidecar } from '../crash/sidecar.ts'

export class Mortal {
  readonly #start: () => Promise<Started>
  #started: Started

  private constructor(start: () => Promise<Started>, started: Started) {
    this.#start = start
    this.#started = started
  }

  /** Ends, with its folder, when the test does. @param env - beside that of this process */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Mortal> {
    const data = mkdtempSync(join(tmpdir(), 'kith-mortal-'))
    onTestFinished(() => rmSync(data, { recursive: true, force: true }))
    const start = () => startSidecar(data, [], env)
    const mortal = new Mortal(start, await start())
    onTestFinished(() => mortal.#started.kill())
    return mortal
  }

  /** @param body - text is a file of CSV */
  async ask(method: string, path: string, body?: object | string, type = mediaTypeOf(body)) {
    const response = await fetch(`${this.#started.url}${path}`, {
      method,
      headers: { 'content-type': type, 'kith-actor': 'user:boss' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  /** The body of an answer that is no refusal. */
  async demand(method: string, path: string, body?: object) {
    const answer = await this.ask(method, path, body)
    if (answer.status >= 400) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** @returns its id */
  async organization(preset: string): Promise<string> {
    const owner = { id: 'boss', name: 'Boss' }
    return (await this.demand('POST', '/v1/orgs', { name: 'Acme', preset, owner })).id
  }

  async restart(): Promise<void> {
    await this.#started.kill()
    this.#started = await this.#start()
  }

  /** Killed at a moment at which workers are at work, and started again when all of them have noticed. */
  async restartAmid(
    workers: number,
    work: (own: number, isOver: () => boolean) => Promise<void>,
    moment: () => Promise<unknown>,
  ): Promise<void> {
    let isOver = false
    // Whatever the kill cuts off rejects; what was said before it counts.
    const all = Promise.allSettled(Array.from({ length: workers }, (_, own) => work(own, () => isOver)))
    await moment()
    await this.#started.kill()
    isOver = true
    await all
    this.#started = await this.#start()
  }
}

/** Resolves in the turn in which something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

function mediaTypeOf(body: object | string | undefined): string {
  return typeof body === 'string' ? 'text/csv' : 'application/json'
}
