/** What may be stored: a tuple the model allows, that says something new, within its bounds, not yet expired. */
import { Fault } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import { printTuple, type Tuple } from '../tuple/tuple.ts'
import { contextBytesMax } from './context.ts'
import { tupleFlaw } from './keys.ts'

/** @throws Fault validation_error, naming the tuple and the reason */
export function demandWritable(model: Model, tuple: Tuple, now: number): void {
  const flaw = tupleFlaw(model, tuple) ?? storageFlaw(tuple, now)
  if (flaw === undefined) return
  throw new Fault('validation_error', `Invalid tuple '${printTuple(tuple)}'. Reason: ${flaw}`)
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
