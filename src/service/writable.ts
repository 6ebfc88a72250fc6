/** What may be stored: a tuple the model allows, that says something new, within its bounds, not yet expired. */
import { Fault } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import { typeOf } from '../tuple/object.ts'
import { printTuple, type Tuple } from '../tuple/tuple.ts'
import { contextBytesMax } from './context.ts'
import { tupleFlaw } from './keys.ts'

/** @throws Fault validation_error, naming the tuple and the reason */
export function demandWritable(model: Model, tuple: Tuple, now: number): void {
  const flaw = tupleFlaw(model, tuple) ?? storageFlaw(tuple, now)
  if (flaw === undefined) return
  throw new Fault('validation_error', `Invalid tuple '${printTuple(tuple)}'. Reason: ${flaw}`)
}

/** Of one relation; a model may have more, which are then judged every time. */
const shapesMax = 16
/** Characters of an id that every rule takes. */
const idCharacters = '[!"$-9;-~]{1,128}'
const plainType = /^[\w-]{1,64}$/

/**
 * Judges many tuples under one model. Whether a bare tuple fits depends on its shape alone, `document#viewer@user`, if its
 * ids are plain: a shape is put to the model once, and then it is its text that is looked at.
 */
export class WritableShapes {
  readonly #model: Model
  /** By relation. */
  readonly #known = new Map<string, Shape[]>()

  constructor(model: Model) {
    this.#model = model
  }

  /** @throws Fault as `demandWritable` does */
  demand(tuple: Tuple, now: number): void {
    if (this.#isKnown(tuple)) return
    demandWritable(this.#model, tuple, now)
    this.#know(tuple)
  }

  #isKnown({ object, relation, subject, condition, expiresAt }: Tuple): boolean {
    if (condition !== undefined || expiresAt !== undefined) return false
    const shapes = this.#known.get(relation)
    if (shapes === undefined) return false
    for (const shape of shapes) {
      if (shape.object.test(object) && shape.subject.test(subject)) {
        return !shape.isUserset || subject !== `${object}#${relation}`
      }
    }
    return false
  }

  #know({ object, relation, subject, condition, expiresAt }: Tuple): void {
    if (condition !== undefined || expiresAt !== undefined) return
    const [id = '', ending] = subject.slice(subject.indexOf(':') + 1).split('#')
    const type = typeOf(subject)
    if (!plainType.test(typeOf(object)) || !plainType.test(type) || !plainType.test(ending ?? 'plain')) return
    const shapes = this.#known.get(relation) ?? []
    if (id === '*' || shapes.length === shapesMax) return
    const tail = ending === undefined ? '' : `#${ending}`
    shapes.push({
      object: new RegExp(`^${typeOf(object)}:(?!\\*$)${idCharacters}$`),
      subject: new RegExp(`^${type}:(?!\\*(?:#|$))${idCharacters}${tail}$`),
      isUserset: ending !== undefined,
    })
    this.#known.set(relation, shapes)
  }
}

interface Shape {
  readonly object: RegExp
  readonly subject: RegExp
  readonly isUserset: boolean
}

function storageFlaw(tuple: Tuple, now: number): string | undefined {
  if (tuple.subject === `${tuple.object}#${tuple.relation}`) return 'cannot write a tuple that is implicit'
  return contextSizeFlaw(tuple) ?? expiryFlaw(tuple, now)
}

function contextSizeFlaw({ condition }: Tuple): string | undefined {
  const context = condition?.context
  if (context === undefined) return undefined
  const bytes = Buffer.byteLength(JSON.stringify(context))
  if (bytes <= contextBytesMax) return undefined
  return `condition context size limit exceeded: ${bytes} bytes exceeds ${contextBytesMax} bytes`
}

function expiryFlaw({ expiresAt }: Tuple, now: number): string | undefined {
  if (expiresAt === undefined || (Number.isSafeInteger(expiresAt) && expiresAt > now)) return undefined
  return `expires_at must lie in the future (it is now ${new Date(now).toISOString()}): give a later instant, or leave it out for a tuple that stays`
}
