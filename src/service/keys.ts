/**
 * Judging what requests name: loosely for what is asked about (types and relations exist, text is well formed),
 * strictly for what comes as a tuple. Which code a flaw becomes depends on who asks (contract 3.2, last line).
 */
import { Fault } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import { checkObject, checkQuestion, checkTuple } from '../model/tuple-check.ts'
import { parseObject } from '../tuple/object.ts'
import { printTuple, type Tuple, type TupleKey } from '../tuple/tuple.ts'
import { contextFlaw } from './context.ts'

/** Equal for equal keys only, whatever the strings hold; for sets within one request. */
export function keyText({ object, relation, subject }: TupleKey): string {
  return JSON.stringify([object, relation, subject])
}

/** What is wrong with a tuple as something to be stored or brought along; undefined when nothing is. */
export function tupleFlaw(model: Model, tuple: Tuple): string | undefined {
  const context = tuple.condition?.context
  const flaw = context === undefined ? undefined : contextFlaw(context)
  return flaw === undefined ? checkTuple(model, tuple) : `condition context: ${flaw}`
}

/** One that has no bearing on the question is judged like any other. @throws Fault invalid_tuple */
export function demandContextual(model: Model, tuples: readonly Tuple[]): void {
  for (const tuple of tuples) {
    const flaw = tupleFlaw(model, tuple)
    if (flaw !== undefined) throw new Fault('invalid_tuple', invalid(tuple, flaw))
  }
}

/** The key that a check is about: type restrictions do not matter. @throws Fault validation_error */
export function demandKey(model: Model, key: TupleKey): void {
  const flaw = checkQuestion(model, key)
  if (flaw !== undefined) throw new Fault('validation_error', invalid(key, flaw))
}

/** @throws Fault validation_error */
export function demandPlace(model: Model, place: { object: string; relation: string }): void {
  const flaw = checkObject(model, place.object, place.relation)
  if (flaw !== undefined) throw new Fault('validation_error', flaw)
}

/** @throws Fault type_not_found */
export function demandType(model: Model, type: string): void {
  if (!model.hasType(type)) throw new Fault('type_not_found', `type '${type}' not found`)
}

/** @throws Fault relation_not_found */
export function demandRelation(model: Model, type: string, relation: string): void {
  if (model.relation(type, relation) !== undefined) return
  throw new Fault('relation_not_found', `relation '${type}#${relation}' not found`)
}

/** @throws Fault validation_error */
export function demandObject(object: string): void {
  if (parseObject(object) === undefined) {
    throw new Fault('validation_error', `invalid 'object' field format: '${object}'`)
  }
}

function invalid(key: TupleKey, flaw: string): string {
  return `Invalid tuple '${printTuple(key)}'. Reason: ${flaw}`
}
