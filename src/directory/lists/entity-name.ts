/** What people call an object. */
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Sight } from '../sight.ts'

/** Undefined where nobody named it. @param object - `group:eng` */
export function nameOf(sight: Sight, object: string): string | undefined {
  const { name, email } = sight.entity(typeOf(object), idOf(object)) ?? {}
  if (typeof name === 'string') return name
  return typeof email === 'string' ? email : undefined
}
