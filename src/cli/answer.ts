/**
 * Answers of the API as what they are: here alone is the API taken at its word (schema/openapi.yaml). What is no answer of
 * Kith at all, such as a proxy's, is told from one.
 */
import type { JsonObject } from '../lib/json.ts'
import { Failure } from './failure.ts'

/** A body, a line or an event. @throws Failure where it is no object of JSON */
export function parseAnswer<Shape = JsonObject>(text: string): Shape {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw new Failure('the answer is not JSON; is that really Kith at --url?', { cause: error })
  }
  if (isObject(answer)) return answer as Shape
  throw new Failure('the answer is no JSON object; is that really Kith at --url?')
}

/** A part of an answer that is an object. @throws Failure */
export function partIn<Shape = JsonObject>(answer: JsonObject, field: string): Shape {
  const part: unknown = answer[field]
  if (isObject(part)) return part as Shape
  throw missing(field)
}

/** A part of an answer that is a list. @throws Failure */
export function listIn<Item = JsonObject>(answer: JsonObject, field: string): readonly Item[] {
  const list: unknown = answer[field]
  if (Array.isArray(list)) return list
  throw missing(field)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function missing(field: string): Failure {
  return new Failure(`the answer has no \`${field}\`; is that really Kith at --url?`)
}
