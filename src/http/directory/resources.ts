/** /v1/orgs/{org}/resources/{type}: resources of a kind, by any of its words. */
import type { ResourceName } from '../../directory/resources/resource.ts'
import * as directory from '../../directory/resources/resources.ts'
import { form, id, json, list, nullable, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { pageRequest } from './query.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

const newResource = form({
  id: id(),
  name: required(text(200)),
  description: text(5000),
  features: list(text(60), 50),
  attributes: json(16_384),
})

const resourceFields = form({
  name: text(200),
  description: nullable(text(5000)),
  features: nullable(list(text(60), 50)),
  attributes: nullable(json(16_384)),
})

export const createResource: Verb = (_, door) => async (c) => {
  const request = { kind: kindOf(c), ...actOf(c) }
  const resource = newResource(await bodyOf(c))
  const made = await directory.createResource(directoryOf(door), { resource, ...request })
  return done(c, made, 201)
}

export const listResources: Verb = (_, door) => async (c) => {
  const request = { kind: kindOf(c), ...visitOf(c), ...pageRequest(c) }
  const found = await directory.listResources(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { resources: rows, continuationToken })
}

export const getResource: Verb = (_, door) => async (c) => {
  const found = await directory.getResource(directoryOf(door), { ...visitOf(c), ...nameOf(c) })
  mark(c, found)
  return answer(c, found.result)
}

export const updateResource: Verb = (_, door) => async (c) => {
  const request = { ...actOf(c), ...nameOf(c) }
  const fields = resourceFields(await bodyOf(c))
  const changed = await directory.updateResource(directoryOf(door), { fields, ...request })
  return done(c, changed, 200)
}

export const deleteResource: Verb = (_, door) => async (c) => {
  return done(c, await directory.deleteResource(directoryOf(door), { ...actOf(c), ...nameOf(c) }))
}

export const publishResource = publishing(true)
export const unpublishResource = publishing(false)

function publishing(live: boolean): Verb {
  return (_, door) => async (c) => {
    const changed = await directory.publishResource(directoryOf(door), { live, ...actOf(c), ...nameOf(c) })
    return done(c, changed, 200)
  }
}

export function kindOf(c: Exchange): string {
  return c.req.param('kind') ?? ''
}

/** The resource in the path. */
export function nameOf(c: Exchange): ResourceName {
  return { kind: kindOf(c), id: c.req.param('id') ?? '' }
}
