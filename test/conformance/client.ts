/** The few calls the suite makes, over HTTP as any client would. */
import type { WireTuple } from './suite.ts'

export interface Reply {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export class Client {
  readonly #base: string

  constructor(base: string) {
    this.#base = base
  }

  async post(path: string, body: object): Promise<Reply> {
    const response = await fetch(`${this.#base}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Reply['body'] }
  }

  async createStore(name: string): Promise<string> {
    return String((await this.#demand('/stores', { name: name.slice(0, 64) }, 201)).id)
  }

  async writeModel(store: string, dsl: string): Promise<string> {
    const response = await fetch(`${this.#base}/stores/${store}/authorization-models`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      body: dsl,
    })
    const body = (await response.json()) as { authorization_model_id: string }
    if (response.status !== 201) throw new Error(`model refused: ${JSON.stringify(body)}`)
    return body.authorization_model_id
  }

  async write(store: string, model: string, tuples: readonly WireTuple[]): Promise<void> {
    const body = { writes: { tuple_keys: tuples }, authorization_model_id: model }
    await this.#demand(`/stores/${store}/write`, body, 200)
  }

  /** The objects of a stream, or the reply that refused it; a late error line counts as a refusal with its text. */
  async stream(path: string, body: object): Promise<readonly string[] | Reply> {
    const response = await fetch(`${this.#base}${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (response.status !== 200) {
      return { status: response.status, body: (await response.json()) as Reply['body'] }
    }
    const lines = (await response.text()).split('\n').filter((line) => line !== '')
    const parsed = lines.map((line): { result?: { object: string }; error?: object } => JSON.parse(line))
    const failed = parsed.find((line) => line.error !== undefined)
    if (failed !== undefined) return { status: 200, body: { ...failed } }
    return parsed.map((line) => line.result?.object ?? '')
  }

  async #demand(path: string, body: object, status: number): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.post(path, body)
    if (reply.status !== status) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }
}
