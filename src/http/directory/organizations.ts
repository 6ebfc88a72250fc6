/** /v1/orgs: organizations themselves. Made by the platform, so without an acting user. */
import * as directory from '../../directory/organizations.ts'
import { email, form, id, json, part, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, provenanceOf, type Verb } from '../exchange.ts'
import { directoryOf, visitOf } from './visit.ts'

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
  const asked = newOrganization(await bodyOf(c))
  return answer(c, await directory.createOrganization(directoryOf(door), asked, provenanceOf(c)), 201)
}

export const getOrganization: Verb = (_, door) => async (c) =>
  answer(c, await directory.organization(directoryOf(door), visitOf(c)))
