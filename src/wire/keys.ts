/** The keys of callers on the wire: what /v1/keys takes and shows. The key itself is shown by the routes that make one. */
import type { JsonObject } from '../lib/json.ts'
import { given, integer, list, type Place, required, strictMessage, text } from './shape.ts'
import { printInstant } from './time.ts'

/** Ten years: later is never meant. */
const secondsMax = 315_360_000
/** A day by default to give every caller the new secret; a month at most. */
const overlapDefault = 86_400
const overlapMax = 2_592_000

const nameRule = { pattern: { test: /^[\w .@:/-]{1,64}$/, shown: '^[\\w .@:/-]{1,64}$' } }
const scopeText = text({ bytesMax: 512 })
const actorText = text({ bytesMax: 512 })

// Strict: a misspelt `expires_in_seconds` would make a key that lives for ever.
const decodeCreate = strictMessage('CreateKeyRequest', {
  name: text(nameRule),
  scopes: list(scopeText, { min: 1, max: 100 }),
  // Not '' where it is absent: a key that was to be bound is not made free.
  actor: (value, where) => (value === undefined ? undefined : actorText(value, where)),
  expires_in_seconds: integer(1, secondsMax),
})

const decodeRotation = strictMessage('RotateKeyRequest', { overlap_seconds: integer(0, overlapMax) })

export interface CreateKey {
  readonly name: string
  /** Words, not yet read. */
  readonly scopes: readonly string[]
  /** Not yet read. */
  readonly actor?: string
  readonly expiresInMs?: number
}

/** @throws Fault validation_error */
export function decodeCreateKey(body: unknown): CreateKey {
  const {
    name,
    scopes,
    actor,
    expires_in_seconds: seconds,
  } = required(decodeCreate)(body ?? {}, place('CreateKeyRequest'))
  return given({ name, scopes, actor, expiresInMs: seconds === undefined ? undefined : seconds * 1_000 })
}

/** How long the secret before goes on opening, milliseconds. @throws Fault validation_error */
export function decodeRotateKey(body: unknown): number {
  const { overlap_seconds: seconds = overlapDefault } = required(decodeRotation)(
    body ?? {},
    place('RotateKeyRequest'),
  )
  return seconds * 1_000
}

export function encodeKey(key: {
  readonly id: string
  readonly name: string
  readonly scopes: { readonly words: readonly string[] }
  readonly actor: string | undefined
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  readonly usedAt: number | undefined
  readonly overlapsUntil: number | undefined
}): JsonObject {
  const shown = (instant: number | undefined) => (instant === undefined ? undefined : printInstant(instant))
  return given({
    id: key.id,
    name: key.name,
    scopes: key.scopes.words,
    actor: key.actor,
    created_at: printInstant(key.createdAt),
    created_by: key.createdBy,
    expires_at: shown(key.expiresAt),
    revoked_at: shown(key.revokedAt),
    last_used_at: shown(key.usedAt),
    previous_secret_until: shown(key.overlapsUntil),
  })
}

function place(message: string): Place {
  return { message, field: '', name: 'body', top: true }
}
