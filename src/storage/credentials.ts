/** Callers' keys as rows of the folder: documents by id, each with its digest. What is in them is the callers' business. */
import type { JsonObject } from '../lib/json.ts'
import type { Disk, Entry } from './disk.ts'
import * as keys from './keys.ts'
import type { Applied } from './reader.ts'
import { packText, unpackText } from './sealed.ts'
import type { Stage } from './stage.ts'
import type { Credential } from './storage.ts'

const rowsPerStep = 1000

/** Every document that was put, by id. @throws Error for one that is damaged: its scopes might be anything */
export async function credentialsOf({ reader }: Applied): Promise<readonly Credential[]> {
  const credentials: Credential[] = []
  for await (const { id, document } of credentialRows(reader)) {
    if (document === undefined)
      throw new Error(`the record of key ${id} is damaged; stop Kith and see \`kith doctor\``)
    credentials.push({ id, document })
  }
  return credentials
}

export function putCredential(stage: Stage, id: string, document: JsonObject): void {
  const key = keys.credentialKey(id)
  stage.put(key, packText(key, JSON.stringify(document)))
}

interface CredentialRow {
  readonly key: Buffer
  readonly id: string
  /** Undefined where the row is not what was written. */
  readonly document: JsonObject | undefined
}

export async function* credentialRows(source: Pick<Disk, 'scan'>): AsyncGenerator<CredentialRow, undefined> {
  const prefix = keys.credentialKey('')
  for await (const entries of source.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, rowsPerStep)) {
    yield* entries.map(readCredential)
  }
  return undefined
}

function readCredential([key, bytes]: Entry): CredentialRow {
  const id = key.toString('utf8', keys.prefixBytes)
  const text = unpackText(key, bytes)
  try {
    return { key, id, document: text === undefined ? undefined : (JSON.parse(text) as JsonObject) }
  } catch {
    return { key, id, document: undefined }
  }
}
