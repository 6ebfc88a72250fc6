/** Writes the tuples of a file through Kith, and says which line is to blame when one is refused. */
import { canonical } from '../lib/canonical.ts'
import { Fault } from '../lib/fault.ts'
import type { Json } from '../lib/json.ts'
import { compileModel } from '../model/compile.ts'
import type { ModelJson } from '../model/json.ts'
import { checkTuple } from '../model/tuple-check.ts'
import type { Kith } from '../service/kith.ts'
import { printTuple, type Tuple } from '../tuple/tuple.ts'
import { faultAt, type Placed } from './position.ts'

/** Tuples per write: the API's own limit, so that every deployment takes them. */
const chunkTuples = 100

/** What a write goes to: a store and one of its models. */
export interface Target {
  readonly store: string
  readonly model: string
}

/** @throws Fault at the first tuple that the model does not allow, before anything is written. */
export function demandFit(json: ModelJson, tuples: readonly Placed<Tuple>[]): void {
  const model = compileModel('file', json)
  for (const { at, value } of tuples) {
    const flaw = checkTuple(model, value)
    if (flaw !== undefined) throw faultAt(at, `\`${printTuple(value)}\` does not fit the model: ${flaw}`)
  }
}

/**
 * Writes `tuples` in chunks, each atomic; a present tuple takes the condition and the expiry given.
 * @throws Fault with the place of the tuple that was refused, where the refusal names one.
 */
export async function writeTuples(
  kith: Kith,
  target: Target,
  tuples: readonly Placed<Tuple>[],
  source: string,
): Promise<void> {
  for (let first = 0; first < tuples.length; first += chunkTuples) {
    const chunk = tuples.slice(first, first + chunkTuples)
    await kith
      .write({
        ...target,
        writes: chunk.map(({ value }) => value),
        onDuplicate: 'update',
        provenance: { source },
      })
      .catch((error: unknown) => {
        throw blamed(error, chunk)
      })
  }
}

/** The last of each key, in the order of the first. */
export function distinct(tuples: readonly Placed<Tuple>[]): readonly Placed<Tuple>[] {
  return [...new Map(tuples.map((tuple) => [printTuple(tuple.value), tuple])).values()]
}

/** Whether two tuples of one key say the same. */
export function sameTuple(one: Tuple, other: Tuple): boolean {
  return canonical(payloadOf(one)) === canonical(payloadOf(other))
}

function payloadOf({ condition, expiresAt }: Tuple): Json {
  return [condition?.name ?? null, condition?.context ?? {}, expiresAt ?? null]
}

function blamed(error: unknown, chunk: readonly Placed<Tuple>[]): unknown {
  if (!(error instanceof Fault)) return error
  const culprit = chunk.find(({ value }) => error.message.includes(`'${printTuple(value)}'`))
  return culprit === undefined ? error : faultAt(culprit.at, error.message, error)
}
