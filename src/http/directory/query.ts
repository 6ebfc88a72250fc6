/** What the query of a list may say. */
import type { PageRequest } from '../../directory/lists/page.ts'
import { Fault } from '../../lib/fault.ts'
import { parseInstant } from '../../wire/time.ts'
import type { Exchange } from '../exchange.ts'

/** `q`, `pageSize`, `continuationToken`. @throws Fault invalid_field */
export function pageRequest(c: Exchange): PageRequest {
  const q = parameter(c, 'q')
  const pageSize = numberParameter(c, 'pageSize')
  const continuationToken = parameter(c, 'continuationToken')
  return {
    ...(q === undefined ? {} : { q }),
    ...(pageSize === undefined ? {} : { pageSize }),
    ...(continuationToken === undefined ? {} : { continuationToken }),
  }
}

/** A parameter that was given, and not empty. */
export function parameter(c: Exchange, name: string): string | undefined {
  const given = c.req.query(name)
  return given === undefined || given === '' ? undefined : given
}

/** @throws Fault invalid_field */
function numberParameter(c: Exchange, name: string): number | undefined {
  const given = parameter(c, name)
  if (given === undefined) return undefined
  if (/^\d{1,9}$/.test(given)) return Number(given)
  throw new Fault('invalid_field', `\`${name}\` must be a number`, { field: name })
}

/** `true` or `false`. @throws Fault invalid_field */
export function flagParameter(c: Exchange, name: string): boolean | undefined {
  const given = parameter(c, name)
  if (given === undefined) return undefined
  if (given === 'true' || given === 'false') return given === 'true'
  throw new Fault('invalid_field', `\`${name}\` must be true or false`, { field: name })
}

/** @throws Fault invalid_field, naming the words there are */
export function choiceOf<const Name extends string>(
  c: Exchange,
  field: string,
  names: readonly Name[],
): Name | undefined {
  const given = parameter(c, field)
  const found = names.find((name) => name === given)
  if (found !== undefined || given === undefined) return found
  throw new Fault('invalid_field', `\`${field}\` is one of ${names.join(', ')}`, { field })
}

/** What a list can be downloaded as. */
export type Format = 'csv' | 'json'

/** As it was asked for; `Accept: text/csv` asks too. @throws Fault invalid_field */
export function formatOf(c: Exchange): Format | undefined {
  const asked = choiceOf(c, 'format', ['csv', 'json'])
  if (asked !== undefined) return asked
  const accepts = c.req.header('Accept')?.split(',') ?? []
  const wantsCsv = accepts.some((type) => type.split(';', 1)[0]?.trim().toLowerCase() === 'text/csv')
  return wantsCsv ? 'csv' : undefined
}

/** Milliseconds since the epoch. @throws Fault invalid_field */
export function instantParameter(c: Exchange, name: string): number | undefined {
  const given = parameter(c, name)
  if (given === undefined) return undefined
  const read = parseInstant(given)
  if (read !== undefined) return read
  throw new Fault('invalid_field', `\`${name}\` is an instant, such as 2026-01-31T12:00:00Z`, { field: name })
}
