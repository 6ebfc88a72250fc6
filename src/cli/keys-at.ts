/** Where the keys of `kith keys` are: behind a running sidecar, or in the folder of a stopped one. One shape for both. */
import { statSync } from 'node:fs'
import type { Caller } from '../callers/caller.ts'
import type { JsonObject } from '../lib/json.ts'
import { listIn } from './answer.ts'
import type { Client } from './client.ts'
import { Failure } from './failure.ts'

/** Bodies and answers are those of /v1/keys. */
export interface KeysAt {
  create(body: JsonObject): Promise<JsonObject>
  list(): Promise<readonly JsonObject[]>
  rotate(id: string, body: JsonObject): Promise<JsonObject>
  revoke(id: string): Promise<void>
}

export function keysOver(client: Client): KeysAt {
  const pathOf = (id: string) => `/v1/keys/${encodeURIComponent(id)}`
  return {
    create: (body) => client.post('/v1/keys', body),
    list: async () => listIn(await client.get('/v1/keys'), 'keys'),
    rotate: (id, body) => client.post(`${pathOf(id)}/rotate`, body),
    async revoke(id) {
      await client.json('DELETE', pathOf(id))
    },
  }
}

/** Opens the folder, which must be nobody's, for as long as `work` takes. @param mayMake - it may be a new one */
export async function inFolder(
  path: string,
  mayMake: boolean,
  work: (keys: KeysAt) => Promise<void>,
): Promise<void> {
  // Opening a folder makes it: a wrong path must not end as an empty list.
  if (!mayMake && statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure(`there is no folder \`${path}\`; --data is the folder of \`kith serve --data\``)
  }
  const { openStorage } = await import('../storage/open.ts')
  const { KeyRing, newKey } = await import('../callers/keys.ts')
  const { Scopes } = await import('../callers/scopes.ts')
  const { SteadyClock } = await import('../lib/clock.ts')
  const { decodeCreateKey, decodeRotateKey, encodeKey } = await import('../wire/keys.ts')
  const operator: Caller = { id: 'operator', kind: 'key', scopes: Scopes.all }
  const storage = await openStorage({ path })
  try {
    const ring = await KeyRing.open(storage, new SteadyClock())
    await work({
      async create(body) {
        const { info, key } = await ring.create(newKey(decodeCreateKey(body), Date.now()), operator)
        return { ...encodeKey(info), key }
      },
      list: async () => ring.list(operator).map(encodeKey),
      async rotate(id, body) {
        const { info, key } = await ring.rotate(id, decodeRotateKey(body), operator)
        return { ...encodeKey(info), key }
      },
      async revoke(id) {
        await ring.revoke(id, operator)
      },
    })
  } finally {
    await storage.close()
  }
}
