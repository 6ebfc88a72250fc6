/** States that have a verb of their own, which asks who may: no raw tuple brings them about, and none ends them. */
import { Fault } from '../../lib/fault.ts'
import type { TupleFilter, View } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { printTuple, type Tuple, type TupleKey } from '../../tuple/tuple.ts'
import { fill } from '../preset/fill.ts'
import type { Preset } from '../preset/preset.ts'
import { type Sight, userType } from '../sight.ts'
import { matches, type Outcome } from './outcome.ts'

type Place = TupleFilter & { readonly type: string }

/**
 * Costs a look for each filter.
 * @throws Fault reserved: archiving, publishing, what a plan includes, which plan it is, who its operators are, and who is in
 *   a group by its rule or in one of the identity provider, which rules follow and look at; and taking away what makes a group or
 *   a resource the organization's
 */
export async function demandUnreserved(sight: Sight, outcome: Outcome): Promise<void> {
  await demandTied(sight, outcome)
  const { preset } = sight
  const places = reservedPlaces(preset)
  const named = [...outcome.writes, ...outcome.deletes]
  const taken =
    named.find((key) => places.some((place) => matches(place, key))) ?? (await filtered(outcome, places))
  if (taken === undefined) return
  throw new Fault('reserved', `${printTuple(taken)} has a request of its own in organizations`)
}

/** Without its tie nobody but an operator of the store could find it again, nor delete it; written again it is as it was. */
async function demandTied({ preset, organization }: Sight, outcome: Outcome): Promise<void> {
  const ties = tiesOf(preset, organization)
  const isTie = (key: TupleKey) => ties.some((tie) => matches(tie, key))
  const isLoose = ({ condition, expiresAt }: Tuple) => condition !== undefined || expiresAt !== undefined
  const gone =
    outcome.deletes.find((key) => isTie(key) && !outcome.has(key)) ??
    outcome.writes.find((tuple) => isTie(tuple) && isLoose(tuple)) ??
    (await filtered(outcome, ties))
  if (gone === undefined) return
  throw new Fault('reserved', `${printTuple(gone)} goes with ${gone.object}, and not before`)
}

/** Tuples that everything of a type has, of it and its organization alone. */
function tiesOf({ group, resources, identity }: Preset, organization: string): readonly Place[] {
  const kinds = [group, identity, ...Object.values(resources)]
  return kinds.flatMap((kind) => {
    if (kind === undefined) return []
    const { type, tuples } = kind
    const object = `${type}:`
    const made = tuples.map((template) => fill(template, { object, organization }))
    return made.flatMap((tuple) => {
      if (tuple.object === object && tuple.subject === organization)
        return [{ type, relation: tuple.relation, subject: organization }]
      return []
    })
  })
}

function reservedPlaces({ group, plans, resources, organization, identity }: Preset): readonly Place[] {
  const states = [
    { type: group?.type, relation: group?.archive?.relation },
    ...Object.values(resources).map(({ type, publish }) => ({ type, relation: publish?.relation })),
  ]
  return [
    ...(plans === undefined ? [] : [{ type: plans.type }]),
    ...(group?.sources.rule === undefined ? [] : [{ type: group.type, relation: group.sources.rule }]),
    ...(identity === undefined ? [] : [{ type: identity.type, relation: identity.memberRelation }]),
    ...[plans?.relation, organization.operatorRelation].flatMap((relation) =>
      relation === undefined ? [] : [{ type: organization.type, relation }],
    ),
    ...states.flatMap(({ type, relation }) =>
      type === undefined || relation === undefined ? [] : [{ type, relation, subject: everybody }],
    ),
  ]
}

const everybody = `${userType}:*`

/** A reserved tuple that a filter would delete. */
async function filtered({ view, filters }: Outcome, places: readonly Place[]): Promise<TupleKey | undefined> {
  for (const filter of filters) {
    for (const place of places) {
      const both = intersection(filter, place)
      const found = both && (await firstOf(view, both))
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Undefined: no tuple is in both. */
function intersection(
  { object, ...filter }: TupleFilter,
  { type, ...place }: Place,
): TupleFilter | undefined {
  const within = object === undefined ? filter.type : typeOf(object)
  if (within !== undefined && within !== type) return undefined
  for (const part of ['relation', 'subject'] as const) {
    if (filter[part] !== undefined && place[part] !== undefined && filter[part] !== place[part])
      return undefined
  }
  return { ...filter, ...place, ...(object === undefined ? { type } : { object }) }
}

async function firstOf(view: View, filter: TupleFilter): Promise<TupleKey | undefined> {
  let after: Uint8Array | undefined
  do {
    const { rows, next } = await view.tuples(filter, 100, after)
    if (rows[0] !== undefined) return rows[0]
    after = next
  } while (after !== undefined)
  return undefined
}
