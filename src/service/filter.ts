/**
 * The filter of Read, of preconditions and of deletes by filter: from the wire's strings to what storage takes.
 * Only syntax is judged, never a model: stale tuples can be found and deleted too.
 */
import { Fault } from '../lib/fault.ts'
import type { TupleFilter, View } from '../storage/storage.ts'
import { parseObject } from '../tuple/object.ts'
import { isRelationName } from '../tuple/relation.ts'
import { parseSubject } from '../tuple/subject.ts'
import { printTuple, type StoredTuple } from '../tuple/tuple.ts'

export interface FilterRequest {
  readonly object?: string
  readonly relation?: string
  readonly user?: string
}

/**
 * `object` may be type-only (`document:`); empty strings count as absent.
 * @throws Fault validation_error: nothing given, or a part that no tuple can have
 */
export function filterOf(request: FilterRequest): TupleFilter {
  const { object = '', relation = '', user = '' } = request
  if (object === '' && relation === '' && user === '') {
    throw new Fault(
      'validation_error',
      "the 'tuple_key' field was provided but the object type field is required and both the object id and user cannot be empty",
    )
  }
  if (relation !== '' && !isRelationName(relation)) throw malformed('relation', relation)
  if (user !== '' && parseSubject(user) === undefined) throw malformed('user', user)
  return Object.assign(
    object === '' ? {} : objectPart(object),
    relation === '' ? undefined : { relation },
    user === '' ? undefined : { subject: user },
  )
}

/** Whether some tuple matches: one point read for a whole tuple, else one page of one row. */
export async function anyMatch(view: View, filter: TupleFilter): Promise<StoredTuple | undefined> {
  const { object, relation, subject } = filter
  if (object !== undefined && relation !== undefined && subject !== undefined) {
    return view.tuple(object, relation, subject)
  }
  const { rows } = await view.tuples(filter, 1)
  return rows[0]
}

/** For messages. */
export function printFilter(filter: TupleFilter): string {
  return printTuple({
    object: filter.object ?? (filter.type === undefined ? '*' : `${filter.type}:*`),
    relation: filter.relation ?? '*',
    subject: filter.subject ?? '*',
  })
}

function objectPart(text: string): TupleFilter {
  if (text.endsWith(':') && parseObject(`${text}x`) !== undefined) return { type: text.slice(0, -1) }
  if (parseObject(text) === undefined) throw malformed('object', text)
  return { object: text }
}

function malformed(field: string, value: string): Fault {
  return new Fault('validation_error', `invalid '${field}' field format: \`${value}\` matches no tuple`)
}
