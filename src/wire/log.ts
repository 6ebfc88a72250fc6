/** The log on the wire: revisions with who made them. How questions about it are spelled is store.ts's affair. */
import type { JsonObject } from '../lib/json.ts'
import type { LoggedChange, StoreChangesAnswer } from '../service/requests.ts'
import type { Provenance } from '../tuple/tuple.ts'
import { given } from './shape.ts'
import { printInstant } from './time.ts'
import { encodeTuple } from './tuple.ts'

export function encodeLogged(change: LoggedChange): JsonObject {
  const { revision, timestamp, provenance, tuples, model, entities, assertions, more, cursor } = change
  return given({
    revision,
    timestamp: printInstant(timestamp),
    ...encodeProvenance(provenance),
    tuples: tuples.map(({ operation, tuple }) => ({ operation, tuple_key: encodeTuple(tuple) })),
    authorization_model_id: model,
    entities: entities?.map(({ operation, entity }) => ({ operation, entity })),
    assertions_of: assertions,
    more: more || undefined,
    cursor,
  })
}

export function encodeStoreChange({
  operation,
  store,
  name,
  timestamp,
  provenance,
}: StoreChangesAnswer['changes'][number]): JsonObject {
  return given({
    operation,
    store_id: store,
    name,
    timestamp: printInstant(timestamp),
    ...encodeProvenance(provenance),
  })
}

function encodeProvenance({ caller, actor, source, requestId }: Provenance = {}) {
  return { caller, actor, source, request_id: requestId }
}
