/** Callers' keys as rows of the folder: documents by id. What is in them is the callers' business. */
import type { JsonObject } from '../lib/json.ts'
import * as keys from './keys.ts'
import type { Applied } from './reader.ts'
import type { Stage } from './stage.ts'
import type { Credential } from './storage.ts'
import { pack, unpack } from './values.ts'

const rowsPerStep = 1000

/** Every document that was put, by id. */
export async function credentialsOf({ reader }: Applied): Promise<readonly Credential[]> {
  const prefix = keys.credentialKey('')
  const credentials: Credential[] = []
  for await (const entries of reader.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, rowsPerStep)) {
    for (const [key, bytes] of entries) credentials.push(readCredential(key, bytes))
  }
  return credentials
}

export function putCredential(stage: Stage, id: string, document: JsonObject): void {
  stage.put(keys.credentialKey(id), pack(JSON.stringify(document)))
}

function readCredential(key: Buffer, bytes: Buffer): Credential {
  return {
    id: key.toString('utf8', keys.prefixBytes),
    document: JSON.parse(unpack<string>(bytes)) as JsonObject,
  }
}
