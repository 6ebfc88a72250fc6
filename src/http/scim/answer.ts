/** What every SCIM route shares: which organization, how answers are spelt, and what a client knows of what it asks for. */
import type { ProvideRequest } from '../../directory/scim/users.ts'
import type { JsonObject } from '../../lib/json.ts'
import { parseJson } from '../../wire/json.ts'
import { refused } from '../../wire/scim/refusal.ts'
import { bytesOf } from '../body.ts'
import { dryRunOf, orgOf } from '../directory/visit.ts'
import { type Exchange, provenanceOf, respond, setHeader } from '../exchange.ts'

/** Where the organization's resources are, as the client reaches it: `https://host/scim/v2/ORG`. @throws Fault not_found */
export function baseOf(c: Exchange): string {
  return `${new URL(c.req.url).origin}/scim/v2/${orgOf(c)}`
}

/** Nobody acts: the log names the caller, and where the change came from. @throws Fault not_found, invalidValue: a dry run */
export function provideOf(c: Exchange): ProvideRequest {
  if (dryRunOf(c).dryRun !== undefined) {
    throw refused('invalidValue', '`dryRun` is not for SCIM: nothing was done', 'dryRun')
  }
  return { org: orgOf(c), provenance: provenanceOf(c, 'scim') }
}

/** @param bytesMax - absent: as many as anywhere. @throws Fault invalidSyntax, resource_exhausted */
export async function scimBodyOf(c: Exchange, bytesMax?: number): Promise<unknown> {
  return parseJson(await bytesOf(c, bytesMax))
}

export function answerScim(c: Exchange, body: JsonObject, status = 200): Response {
  return respond(c, JSON.stringify(body), status, mediaTypeOf(c.req.header('Accept')))
}

/** `application/scim+json`, unless a client takes plain JSON alone. */
function mediaTypeOf(accept: string | undefined): string {
  const isPlain = accept !== undefined && /application\/json/i.test(accept)
  return isPlain && !/application\/scim\+json|\*\/\*/i.test(accept)
    ? 'application/json'
    : 'application/scim+json'
}

/** A resource with its version; 304 where the client has that one. */
export function answerResource(c: Exchange, version: string, body: JsonObject, status = 200): Response {
  setHeader(c, 'etag', `W/"${version}"`)
  const known = versionsIn(c.req.header('If-None-Match'))
  if (c.req.method === 'GET' && (known === 'any' || known?.includes(version))) return respond(c, null, 304)
  return answerScim(c, body, status)
}

/** What the change is for: those versions, or, where absent, whichever there is. */
export function preconditionOf(c: Exchange): { readonly ifMatch?: readonly string[] } {
  const versions = versionsIn(c.req.header('If-Match'))
  return versions === undefined || versions === 'any' ? {} : { ifMatch: versions }
}

/** Versions are weak: `W/"1.2"` and `"1.2"` are one. */
function versionsIn(header: string | undefined): readonly string[] | 'any' | undefined {
  if (header === undefined) return undefined
  if (header.trim() === '*') return 'any'
  return header.split(',').map((each) => each.trim().replace(/^W\//, '').replaceAll('"', ''))
}
