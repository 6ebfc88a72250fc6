/**
 * Names: keys as text, one character a byte, whose order is the order of the bytes. The writer holds rows by name until
 * they go into a batch: text of plain ASCII, which nearly all of it is, is its own name. keys.ts says what keys are.
 */
import { assert } from '../lib/assert.ts'
import { kind } from './keys.ts'
import type { Placement } from './storage.ts'

const endMark = '\0\x01'
const ascii = /^[ -~]*$/

export function nameOf(key: Buffer): string {
  return key.toString('latin1')
}

export function keyOf(name: string): Buffer {
  return Buffer.from(name, 'latin1')
}

/** One object#relation of a store, with the names that its rows begin with. */
export interface Spot extends Placement {
  readonly store: number
  /** Of its forward head. */
  readonly head: string
  /** What the names of its tuples begin with. */
  readonly tuples: string
}

export function spotOf(store: number, object: string, relation: string): Spot {
  const text = componentOf(object)
  const colon = text.indexOf(':')
  assert(colon > 0, `not an object: ${object}`)
  const type = text.slice(0, colon)
  const place = `${numberOf(store)}${type}${endMark}${text.slice(colon + 1)}${endMark}${componentOf(relation)}`
  return {
    store,
    object,
    relation,
    head: String.fromCharCode(kind.forward) + place,
    tuples: String.fromCharCode(kind.tuple) + place + endMark,
  }
}

/** Of a tuple row. */
export function tupleName(spot: Spot, subject: string): string {
  return spot.tuples + componentOf(subject)
}

/** Of a reverse head. */
export function reverseName(store: number, subject: string): string {
  return String.fromCharCode(kind.reverse) + numberOf(store) + componentOf(subject)
}

/** Of a placement of a subject whose placements are spread. */
export function placementName(store: number, subject: string, { object, relation }: Placement): string {
  const text = componentOf(object)
  const colon = text.indexOf(':')
  assert(colon > 0, `not an object: ${object}`)
  return (
    String.fromCharCode(kind.placement) +
    `${numberOf(store)}${componentOf(subject)}${endMark}${text.slice(0, colon)}${endMark}` +
    `${text.slice(colon + 1)}${endMark}${componentOf(relation)}`
  )
}

/** Of the end of a store's log. */
export function logEndName(store: number): string {
  return String.fromCharCode(kind.head) + numberOf(store)
}

/** Of an entry of a store's log. */
export function changeName(store: number, revision: number): string {
  return (
    String.fromCharCode(kind.change) + numberOf(store) + numberOf(revision / 2 ** 32) + numberOf(revision)
  )
}

/** The UTF-8 bytes of a text, one character each. */
export function textOf(text: string): string {
  if (ascii.test(text)) return text
  assert(text.isWellFormed(), 'a lone surrogate in a key: two ids would share a row')
  return Buffer.from(text).toString('latin1')
}

function componentOf(text: string): string {
  const bytes = textOf(text)
  return bytes.includes('\0') ? bytes.replaceAll('\0', '\0\xff') : bytes
}

function numberOf(store: number): string {
  return String.fromCharCode(store >>> 24, (store >>> 16) & 0xff, (store >>> 8) & 0xff, store & 0xff)
}
