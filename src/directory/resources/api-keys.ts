/**
 * Keys of a resource, by which programs of the product's customers reach it: `key_ID_SECRET`. The secret is shown once, and
 * a salted hash is what is kept. They let nobody into Kith; the product asks whether one is good.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { hashSecret, isSecret, newSecret } from '../../lib/secret.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { Sight } from '../sight.ts'
import { type Found, findResource, type ResourceName } from './resource.ts'

/** A key as it is shown after it was made. */
export interface ApiKey extends JsonObject {
  readonly id: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** `user:anne` */
  readonly createdBy: string
}

interface KeptKey extends ApiKey {
  readonly salt: string
  readonly hash: string
}

/** By resource: all of its keys. */
const keyLists = new Entities<{ readonly keys: readonly KeptKey[] }>('@api-keys')

/** Of one resource. */
const keysMax = 100

/** The only time that the secret is shown. @throws Fault not_found, forbidden, not_in_preset, precondition_failed: too many */
export function createKey(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly name: string },
): Promise<Acted<ApiKey & { readonly secret: string }>> {
  return act(ground, request, async (draft) => {
    const { object } = await keyed(draft, request)
    const kept = keptKeys(draft, object)
    if (kept.length >= keysMax) {
      throw new Fault('precondition_failed', `${object} has ${keysMax} keys`, { hint: 'revoke one first' })
    }
    const secret = newSecret()
    const shown: ApiKey = {
      id: draft.newId('key'),
      name: request.name,
      createdAt: draft.view.now,
      createdBy: draft.actor,
    }
    put(draft, object, [...kept, { ...shown, ...hashSecret(secret) }])
    draft.note({ action: 'api-key.create', target: object, new: shown })
    return { ...shown, secret: `${shown.id}_${secret}` }
  })
}

/** Oldest first, without secrets. @throws Fault not_found, forbidden, not_in_preset */
export function listKeys(ground: Ground, visit: Visit & ResourceName): Promise<Looked<readonly ApiKey[]>> {
  return look(ground, visit, async (sight) => {
    const { object } = await keyed(sight, visit)
    return keptKeys(sight, object).map(shownKey)
  })
}

/** @throws Fault not_found: there is none, or no longer; forbidden, not_in_preset */
export function revokeKey(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly key: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const { object } = await keyed(draft, request)
    const kept = keptKeys(draft, object)
    const gone = kept.find(({ id }) => id === request.key)
    if (gone === undefined) throw new Fault('not_found', `there is no key ${request.key} of ${object}`)
    put(
      draft,
      object,
      kept.filter((each) => each !== gone),
    )
    draft.note({ action: 'api-key.revoke', target: object, old: shownKey(gone) })
    return undefined
  })
}

/** The key that a secret is; undefined: none, or one that was revoked. @throws Fault not_found, forbidden, not_in_preset */
export function verifyKey(
  ground: Ground,
  visit: Visit & ResourceName & { readonly secret: string },
): Promise<Looked<ApiKey | undefined>> {
  return look(ground, visit, async (sight) => {
    const { object } = await keyed(sight, visit)
    const found = keptKeys(sight, object).find(
      (key) => visit.secret.startsWith(`${key.id}_`) && isSecret(visit.secret.slice(key.id.length + 1), key),
    )
    return found === undefined ? undefined : shownKey(found)
  })
}

/** Of a resource that goes. */
export function forgetKeys(draft: Draft, object: string): void {
  if (keyLists.at(draft, object) !== undefined) keyLists.remove(draft, object)
}

/** One right for all of it: whoever may make a key may see which there are. */
async function keyed(sight: Sight, name: ResourceName): Promise<Found> {
  const found = findResource(sight, name)
  const { kind, object } = found
  await sight.demand('api-key.create', kind.actions['api-key.create'], object)
  if (!kind.apiKeys) throw new Fault('not_in_preset', `a ${kind.label} has no keys`)
  return found
}

function shownKey({ id, name, createdAt, createdBy }: KeptKey): ApiKey {
  return { id, name, createdAt, createdBy }
}

function keptKeys(sight: Sight, object: string): readonly KeptKey[] {
  return keyLists.at(sight, object)?.keys ?? []
}

function put(draft: Draft, object: string, keys: readonly KeptKey[]): void {
  if (keys.length === 0) keyLists.remove(draft, object)
  else keyLists.put(draft, object, { keys })
}
