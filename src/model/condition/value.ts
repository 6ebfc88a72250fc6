/**
 * Equality, order and lookup as cel-go has them: numbers compare by value across int, uint and double, values of different
 * kinds are unequal, strings order by code point. Not the library's, which differ where values are dynamic.
 */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { Address } from './address.ts'
import { int64Min } from './number.ts'
import type { Value } from './parameter.ts'
import { Instant, Span } from './time.ts'

export function equals(one: Value, other: Value): boolean {
  if (one === other) return true
  if (typeof one === 'string' || typeof one === 'boolean') return false
  const left = numeric(one)
  const right = numeric(other)
  // biome-ignore lint/suspicious/noDoubleEquals: between bigint and number it compares exactly what CEL compares
  if (left !== undefined && right !== undefined) return left == right
  if (one instanceof Instant && other instanceof Instant) return one.nanos === other.nanos
  if (one instanceof Span && other instanceof Span) return one.nanos === other.nanos
  if (one instanceof Address && other instanceof Address) return one.equals(other)
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, at) => equals(each, other[at]))
  }
  if (one instanceof Map && other instanceof Map) {
    return (
      one.size === other.size &&
      [...one].every(([key, each]) => other.has(key) && equals(each, other.get(key)))
    )
  }
  return false
}

/** Negative, zero or positive. @throws Error where CEL has no order: NaN, and values of different kinds. */
export function compare(one: Value, other: Value): number {
  const left = numeric(one)
  const right = numeric(other)
  if (left !== undefined && right !== undefined) {
    if (Number.isNaN(left) || Number.isNaN(right)) throw new Error('NaN values cannot be ordered')
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (typeof one === 'string' && typeof other === 'string') return compareText(one, other)
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other)
  if (one instanceof Instant && other instanceof Instant) return compare(one.nanos, other.nanos)
  if (one instanceof Span && other instanceof Span) return compare(one.nanos, other.nanos)
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other)
  throw new Error('no such overload: the values have no order')
}

/** `value in collection`: an element of a list, a key of a map. */
export function contains(collection: Value, value: Value): boolean {
  if (Array.isArray(collection)) return collection.some((each) => equals(each, value))
  if (collection instanceof Map) return collection.has(keyOf(value))
  throw new Error("no such overload: 'in' needs a list or a map")
}

/** `collection[at]`, also of a dynamic value. @throws Error: no such key, out of bounds, not a collection. */
export function lookup(collection: Value, at: Value): Value {
  const key = keyOf(at)
  if (collection instanceof Map) {
    if (collection.has(key)) return collection.get(key)
    throw new Error(`no such key: ${String(at)}`)
  }
  if (!Array.isArray(collection)) throw new Error('no such overload: the value cannot be indexed')
  if (typeof key !== 'bigint') throw new Error('a list is indexed by an integer')
  if (key < 0n || key >= BigInt(collection.length)) throw new Error(`index out of bounds: ${key}`)
  return collection[Number(key)]
}

/** @throws Error: by zero, and -2^63 / -1, which is no int64. */
export function divide(one: Value, other: Value): Value {
  if (typeof one === 'number' && typeof other === 'number') return one / other
  const [left, right] = integers(one, other)
  if (right === 0n) throw new Error('division by zero')
  if (left === int64Min && right === -1n) throw new Error('integer overflow')
  return like(one, left / right)
}

export function remainder(one: Value, other: Value): Value {
  const [left, right] = integers(one, other)
  if (right === 0n) throw new Error('modulo by zero')
  if (left === int64Min && right === -1n) throw new Error('integer overflow')
  return like(one, left % right)
}

/** Both int or both uint. */
function integers(one: Value, other: Value): readonly [bigint, bigint] {
  if (typeof one === 'bigint' && typeof other === 'bigint') return [one, other]
  if (one instanceof UnsignedInt && other instanceof UnsignedInt) return [one.valueOf(), other.valueOf()]
  throw new Error('no such overload: the values cannot be divided')
}

function like(model: Value, value: bigint): Value {
  return model instanceof UnsignedInt ? new UnsignedInt(value) : value
}

/** Whole numbers of every type are one key. */
export function keyOf(value: Value): Value {
  const number = numeric(value)
  if (number === undefined || typeof number === 'bigint') return number ?? value
  return Number.isInteger(number) ? BigInt(number) : number
}

function numeric(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  return value instanceof UnsignedInt ? value.valueOf() : undefined
}

/** By code points, as UTF-8 bytes order; UTF-16 units put U+FF00 behind an emoji's surrogates. */
function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)]
    if (left === right) continue
    const [leftHigh, rightHigh] = [isSurrogate(left), isSurrogate(right)]
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1
  }
  return one.length - other.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
