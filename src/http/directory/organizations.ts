/**
 * /v1/orgs: organizations themselves. Made by the platform, which sets their plan and operators too, so without an acting
 * user; the rest is their own people's.
 */
import type { ActRequest } from '../../directory/act.ts'
import * as directory from '../../directory/organizations/organizations.ts'
import * as settings from '../../directory/organizations/settings.ts'
import { bool, email, form, id, json, part, required, table, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, answerNothing, callerOf, type Exchange, provenanceOf, type Verb } from '../exchange.ts'
import { pageRequest } from './query.ts'
import { actOf, directoryOf, done, dryRunOf, orgOf, refuseDryRun, visitOf } from './visit.ts'

const newOrganization = form({
  name: required(text(200)),
  preset: required(text(64)),
  owner: part({
    id: id(),
    email: email(),
    name: text(200),
    avatarUrl: text(2000),
    attributes: json(16_384),
    role: text(64),
  }),
})

export const createOrganization: Verb = (_, door) => async (c) => {
  refuseDryRun(c)
  const asked = newOrganization(await bodyOf(c))
  return answer(c, await directory.createOrganization(directoryOf(door), asked, provenanceOf(c)), 201)
}

export const getOrganization: Verb = (_, door) => async (c) =>
  answer(c, await directory.organization(directoryOf(door), visitOf(c)))

/** Those that the caller's scopes are about. */
export const listOrganizations: Verb = (_, door) => async (c) => {
  const { stores } = callerOf(c).scopes
  const { q: _q, ...page } = pageRequest(c)
  const among = stores === 'all' ? {} : { among: stores }
  const { rows, continuationToken } = await directory.listOrganizations(directoryOf(door), {
    ...page,
    ...among,
  })
  return answer(c, { organizations: rows, continuationToken })
}

const organizationChange = form({ name: text(200), settings: table(bool()) })

export const updateOrganization: Verb = (_, door) => async (c) => {
  const request = actOf(c)
  const change = organizationChange(await bodyOf(c))
  const changed = await settings.updateOrganization(directoryOf(door), { change, ...request })
  return done(c, changed, 200)
}

export const deleteOrganization: Verb = (_, door) => async (c) => {
  refuseDryRun(c)
  await directory.deleteOrganization(directoryOf(door), orgOf(c), provenanceOf(c))
  return answerNothing(c)
}

const planChoice = form({ plan: required(text(64)) })

export const setPlan: Verb = (_, door) => async (c) => {
  const request = platformRequest(c)
  const { plan } = planChoice(await bodyOf(c))
  const changed = await settings.setPlan(directoryOf(door), { plan, ...request })
  return done(c, changed, 200)
}

export const addOperator: Verb = (_, door) => async (c) => {
  const request = platformRequest(c)
  return done(c, await settings.addOperator(directoryOf(door), { user: operatorIn(c), ...request }))
}

export const removeOperator: Verb = (_, door) => async (c) => {
  const request = platformRequest(c)
  return done(c, await settings.removeOperator(directoryOf(door), { user: operatorIn(c), ...request }))
}

const userId = required(id())

function operatorIn(c: Exchange): string {
  return userId(c.req.param('user'), 'user')
}

function platformRequest(c: Exchange): Omit<ActRequest, 'actor'> {
  return { org: orgOf(c), provenance: provenanceOf(c), ...dryRunOf(c) }
}
