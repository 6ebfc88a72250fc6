/** Writers of every kind against a sidecar, over HTTP, until it is gone: small writes, imports, stores, models, expiries. */
import type { TupleKey } from '../../src/tuple/tuple.ts'
import type { Ledger } from './ledger.ts'

const direct = (...types: { readonly type: string; readonly relation?: string }[]) => ({
  directly_related_user_types: types,
})

/** In the second model `folder` is a tupleset, so that its large heads are laid anew in the background. */
function modelOf(withTupleset: boolean): object {
  const viewer = withTupleset
    ? {
        union: {
          child: [
            { this: {} },
            { tupleToUserset: { tupleset: { relation: 'folder' }, computedUserset: { relation: 'member' } } },
          ],
        },
      }
    : { this: {} }
  return {
    schema_version: '1.1',
    type_definitions: [
      { type: 'user' },
      {
        type: 'group',
        relations: { member: { this: {} } },
        metadata: { relations: { member: direct({ type: 'user' }, { type: 'group', relation: 'member' }) } },
      },
      {
        type: 'doc',
        relations: { viewer, owner: { this: {} }, folder: { this: {} } },
        metadata: {
          relations: {
            viewer: direct({ type: 'user' }, { type: 'group', relation: 'member' }),
            owner: direct({ type: 'user' }),
            folder: direct({ type: 'group' }),
          },
        },
      },
    ],
  }
}

export class Load {
  readonly #url: string
  readonly #ledger: Ledger
  /** No two rounds write the same tuple. */
  readonly #round: string
  #stopped = false
  #begin: () => void = () => {}
  /** Resolves when the first small write was acknowledged, or none ever will be. */
  readonly begun = new Promise<void>((resolve) => {
    this.#begin = resolve
  })

  constructor(url: string, ledger: Ledger, round: string) {
    this.#url = url
    this.#ledger = ledger
    this.#round = round
  }

  stop(): void {
    this.#stopped = true
  }

  /** Resolves when every writer has seen the end of the sidecar, or was stopped. */
  async run(): Promise<void> {
    await this.#run()
    this.#begin()
  }

  async #run(): Promise<void> {
    const store = await this.#store()
    if (store === undefined) return
    const writers = [0, 1, 2, 3].map((writer) =>
      this.#repeat((i) => this.#writeSmall(store, `${this.#round}-${writer}-${i}`)),
    )
    await Promise.all([
      // The others may go on without end where these were refused until they gave up.
      Promise.all(writers).then(() => this.#begin()),
      this.#repeat((i) => this.#import(store, folders(`${this.#round}-imported-${i}`, 3000))),
      this.#repeat(() => this.#comeAndGo()),
      this.#repeat((i) => this.#becomeTupleset(`${this.#round}-big-${i}`)),
      this.#repeat((i) => this.#writeExpiring(store, `${this.#round}-late-${i}`)),
    ])
  }

  async #repeat(work: (i: number) => Promise<unknown>): Promise<void> {
    let failures = 0
    for (let i = 0; !this.#stopped && failures < 200; i++) {
      // Refused for now, or gone: what was sent then is unknown, and not in the ledger as told.
      const done = await work(i).catch(() => undefined)
      failures = done === undefined ? failures + 1 : 0
    }
  }

  async #send(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const text = typeof body === 'string'
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': text ? 'application/x-ndjson' : 'application/json' },
            body: text ? body : JSON.stringify(body),
          }),
    })
    const answered = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${answered}`)
    return answered === '' || text ? { lines: answered } : (JSON.parse(answered) as Record<string, unknown>)
  }

  /** A new store with a model. */
  async #store(): Promise<string | undefined> {
    const made = await this.#send('POST', '/stores', { name: `crash-${this.#round}` }).catch(() => undefined)
    if (made === undefined) return undefined
    const id = String(made.id)
    this.#ledger.stores.set(id, 'made')
    await this.#model(id, false).catch(() => {})
    return id
  }

  async #model(store: string, withTupleset: boolean): Promise<void> {
    const { authorization_model_id: id } = await this.#send(
      'POST',
      `/stores/${store}/authorization-models`,
      modelOf(withTupleset),
    )
    this.#ledger.models.push({ store, id: String(id) })
  }

  /** Three tuples: inline, into a head that spreads, and from a userset. */
  async #writeSmall(store: string, name: string): Promise<true> {
    const tuples = [
      { object: `doc:${name}`, relation: 'viewer', subject: 'group:all#member' },
      { object: 'group:all', relation: 'member', subject: `user:${name}` },
      { object: `doc:${name}`, relation: 'owner', subject: `user:${name}` },
    ]
    const write = { store, tuples, acknowledged: false }
    this.#ledger.writes.push(write)
    await this.#send('POST', `/stores/${store}/write`, { writes: { tuple_keys: tuples.map(wire) } })
    write.acknowledged = true
    this.#begin()
    return true
  }

  async #writeExpiring(store: string, name: string): Promise<true> {
    const expires_at = new Date(Date.now() + 200).toISOString()
    const tuple = { object: `doc:${name}`, relation: 'owner', subject: 'user:late' }
    await this.#send('POST', `/stores/${store}/write`, {
      writes: { tuple_keys: [{ ...wire(tuple), expires_at }] },
    })
    return true
  }

  async #import(store: string, tuples: readonly TupleKey[]): Promise<true> {
    const one = { store, tuples, acknowledged: 0 }
    this.#ledger.imports.push(one)
    const body = tuples.map((tuple) => JSON.stringify(wire(tuple))).join('\n')
    const answer = await fetch(`${this.#url}/v1/stores/${store}/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    })
    if (!answer.ok || answer.body === null) throw new Error(`${answer.status}`)
    let rest = ''
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { written = 0, skipped = 0 } = JSON.parse(line) as { written?: number; skipped?: number }
        one.acknowledged = Math.max(one.acknowledged, written + skipped)
      }
    }
    return true
  }

  async #comeAndGo(): Promise<true> {
    const store = await this.#store()
    if (store === undefined) throw new Error('no store was made')
    await this.#import(store, folders('gone', 500))
    this.#ledger.stores.set(store, 'deleting')
    await this.#send('DELETE', `/stores/${store}`)
    this.#ledger.stores.set(store, 'deleted')
    return true
  }

  async #becomeTupleset(object: string): Promise<true> {
    const store = await this.#store()
    if (store === undefined) throw new Error('no store was made')
    await this.#import(store, folders(object, 1500))
    await this.#model(store, true)
    return true
  }
}

/** Many plain subjects of one object#relation. */
function folders(name: string, count: number): readonly TupleKey[] {
  return Array.from({ length: count }, (_, i) => ({
    object: `doc:${name}`,
    relation: 'folder',
    subject: `group:some-folder-${i}`,
  }))
}

function wire({ object, relation, subject }: TupleKey) {
  return { user: subject, relation, object }
}
