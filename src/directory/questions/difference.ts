/** What one user can do and another cannot. */
import type { JsonObject } from '../../lib/json.ts'
import { compareBytes } from '../../lib/order.ts'
import type { Ground } from '../ground.ts'
import { nameOf } from '../lists/entity-name.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { notFound } from '../refusal.ts'
import { userType } from '../sight.ts'
import { demandView, placesOf } from './permissions.ts'
import { reachOf } from './reach.ts'

export interface DifferenceRequest extends Visit, PageRequest {
  /** Ids. */
  readonly user: string
  readonly other: string
  /** A kind of objects; absent: all kinds of resources. */
  readonly type?: string
  readonly relation?: string
}

/** An object on which they differ. */
export interface DifferenceRow extends JsonObject {
  readonly object: string
  readonly onlyUser: readonly string[]
  readonly onlyOther: readonly string[]
}

/** In order of the objects. @throws Fault not_found, forbidden, not_in_preset */
export function permissionDifference(
  ground: Ground,
  request: DifferenceRequest,
): Promise<Looked<Page<DifferenceRow>>> {
  return look(ground, request, async (sight) => {
    await demandView(sight)
    const { user, other, type = '', relation = '', q = '', org } = request
    const limit = pageSizeOf(request.pageSize)
    const cursor = ground.service.cursors.for('difference', org, { user, other, type, relation, q })
    const position = cursor.open(request.continuationToken)
    const after = position === undefined ? '' : Buffer.from(position).toString()
    const places = placesOf(sight, request)
    const reach = async (id: string) => {
      if (sight.entity(userType, id) === undefined) throw notFound(`${userType}:${id}`)
      const grants = await reachOf(sight, `${userType}:${id}`, places, q)
      return new Map(grants.map(({ object, permissions }) => [object, permissions]))
    }
    const [mine, theirs] = [await reach(user), await reach(other)]
    const objects = [...new Set([...mine.keys(), ...theirs.keys()])].sort(compareBytes)
    const rows: DifferenceRow[] = []
    for (const object of objects) {
      if (after !== '' && compareBytes(object, after) <= 0) continue
      const [has, hasOther] = [mine.get(object) ?? [], theirs.get(object) ?? []]
      const onlyUser = has.filter((each) => !hasOther.includes(each))
      const onlyOther = hasOther.filter((each) => !has.includes(each))
      if (onlyUser.length + onlyOther.length === 0) continue
      const last = rows.at(-1)
      if (rows.length === limit && last !== undefined) {
        return { rows, continuationToken: cursor.seal(Buffer.from(last.object)) }
      }
      const name = nameOf(sight, object)
      rows.push({ object, ...(name === undefined ? {} : { objectName: name }), onlyUser, onlyOther })
    }
    return { rows, continuationToken: '' }
  })
}
