/** The record of a key as it is stored, and back. Hashes only: from a stolen data folder no key can be made. */
import type { JsonObject } from '../lib/json.ts'
import type { SecretHash } from '../lib/secret.ts'

export interface KeyRecord {
  readonly id: string
  readonly name: string
  /** Words. */
  readonly scopes: readonly string[]
  /** The user it is bound to. */
  readonly actor: string | undefined
  /** Instants are milliseconds since the epoch. */
  readonly createdAt: number
  /** The id of a caller. */
  readonly createdBy: string
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  /** Newest first; older ones open until an instant. */
  readonly secrets: readonly (SecretHash & { readonly until: number | undefined })[]
}

export function encodeRecord(record: KeyRecord): JsonObject {
  const { id: _, ...document } = record
  return JSON.parse(JSON.stringify(document)) as JsonObject
}

/** @throws Error where the document is none of ours */
export function decodeRecord(id: string, document: JsonObject): KeyRecord {
  const { name, scopes, actor, createdAt, createdBy, secrets } = document
  const isOurs =
    typeof name === 'string' &&
    typeof createdAt === 'number' &&
    typeof createdBy === 'string' &&
    Array.isArray(scopes) &&
    Array.isArray(secrets)
  if (!isOurs) throw new Error(`the stored key ${id} is damaged: see \`kith doctor\``)
  return {
    id,
    name,
    scopes: scopes.map(String),
    actor: typeof actor === 'string' ? actor : undefined,
    createdAt,
    createdBy,
    expiresAt: instantOf(document.expiresAt),
    revokedAt: instantOf(document.revokedAt),
    secrets: (secrets as readonly JsonObject[]).map(({ salt, hash, until }) => ({
      salt: String(salt),
      hash: String(hash),
      until: instantOf(until),
    })),
  }
}

function instantOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
