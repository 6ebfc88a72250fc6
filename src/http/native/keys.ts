/** /v1/keys: the keys of callers, made, listed, rotated and revoked. A key is shown in the answer that makes it, only there. */
import { type KeyInfo, type KeyRing, newKey } from '../../callers/keys.ts'
import { Fault } from '../../lib/fault.ts'
import { decodeCreateKey, decodeRotateKey, encodeKey } from '../../wire/keys.ts'
import { bodyOf } from '../body.ts'
import {
  answer,
  answerNothing,
  callerOf,
  type Door,
  type Exchange,
  setHeader,
  type Verb,
} from '../exchange.ts'

export const createKey: Verb = (_, door) => async (c) => {
  const made = newKey(decodeCreateKey(await bodyOf(c)), Date.now())
  return show(c, await keysOf(door).create(made, callerOf(c)), 201)
}

export const listKeys: Verb = (_, door) => async (c) =>
  answer(c, { keys: keysOf(door).list(callerOf(c)).map(encodeKey) })

export const rotateKey: Verb = (_, door) => async (c) => {
  const overlapMs = decodeRotateKey(await bodyOf(c))
  return show(c, await keysOf(door).rotate(idOf(c), overlapMs, callerOf(c)), 200)
}

export const revokeKey: Verb = (_, door) => async (c) => {
  await keysOf(door).revoke(idOf(c), callerOf(c))
  return answerNothing(c)
}

/** The one time that it can be read. */
function show(c: Exchange, { info, key }: { readonly info: KeyInfo; readonly key: string }, status: number) {
  setHeader(c, 'cache-control', 'no-store')
  return answer(c, { ...encodeKey(info), key }, status)
}

function idOf(c: Exchange): string {
  return c.req.param('key') ?? ''
}

function keysOf({ keys }: Door): KeyRing {
  if (keys === undefined) throw new Fault('unimplemented', 'no keys are kept here')
  return keys
}
