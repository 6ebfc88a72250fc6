/** /v1/orgs/{org}/sso and sessions: what the identity provider's groups give, and who signed in with which. */
import { demandActor } from '../../callers/actor.ts'
import { userType } from '../../directory/sight.ts'
import { type Login, logIn } from '../../directory/sso/logins.ts'
import * as directory from '../../directory/sso/mappings.ts'
import { refreshSession } from '../../directory/sso/sessions.ts'
import { Fault } from '../../lib/fault.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { bool, email, form, id, json, list, part, required, text, verbatim } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, type Exchange, mark, provenanceOf, type Verb } from '../exchange.ts'
import { pageRequest } from './query.ts'
import { actOf, directoryOf, done, dryRunOf, orgOf, visitOf } from './visit.ts'

const provided = { idpGroup: id(), claim: verbatim(256), provider: text(128) }
const newMapping = form({
  ...provided,
  group: id(),
  createGroup: bool(),
  description: text(4000),
  role: text(64),
})
const mappingList = form({
  mappings: required(list(part({ ...provided, group: required(id()), role: text(64) }), 1000)),
})

export const listProvided: Verb = (_, door) => async (c) => {
  const found = await directory.listProvided(directoryOf(door), { ...visitOf(c), ...pageRequest(c) })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { groups: rows, continuationToken })
}

export const removeProvided: Verb = (_, door) => async (c) => {
  return done(c, await directory.removeProvided(directoryOf(door), { idpGroup: providedIn(c), ...actOf(c) }))
}

export const listMappings: Verb = (_, door) => async (c) => {
  const found = await directory.listMappings(directoryOf(door), { ...visitOf(c), ...pageRequest(c) })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { mappings: rows, continuationToken })
}

export const putMappings: Verb = (_, door) => async (c) => {
  const request = actOf(c)
  const { mappings } = mappingList(await bodyOf(c))
  const made = await directory.putMappings(directoryOf(door), { mappings, ...request })
  return done(c, made, 200, (all) => ({ mappings: all }))
}

/** 201 where it is new, 200 where it was there. */
export const addMapping: Verb = (_, door) => async (c) => {
  const request = actOf(c)
  const { group, createGroup = false, description, ...asked } = newMapping(await bodyOf(c))
  if ((group !== undefined) === createGroup) {
    throw new Fault('invalid_field', 'either `group` or `createGroup: true` is required', { field: 'group' })
  }
  const described = description === undefined ? {} : { description }
  const mapping =
    group === undefined ? { createGroup: true as const, ...asked, ...described } : { group, ...asked }
  const made = await directory.addMapping(directoryOf(door), { mapping, ...request })
  return done(c, made, made.result.isNew ? 201 : 200, (result) => result.mapping)
}

export const removeMapping: Verb = (_, door) => async (c) => {
  const request = { idpGroup: providedIn(c), group: c.req.param('group') ?? '', ...actOf(c) }
  return done(c, await directory.removeMapping(directoryOf(door), request))
}

const login = form({
  user: required(
    part({ id: id(), email: email(), name: text(200), avatarUrl: text(2000), attributes: json(16_384) }),
  ),
  groups: list(verbatim(256), 1000),
  provider: text(128),
})

/** 201 where the user is new. Nobody acts: the caller says who signed in. */
export const logInUser: Verb = (_, door) => async (c) => {
  const request = { org: orgOf(c), provenance: provenanceOf(c, 'sso'), ...dryRunOf(c) }
  const asked: Login = login(await bodyOf(c))
  const ground = directoryOf(door)
  const made = await logIn(ground, { login: asked, ...request })
  const { id: user, isNew, ...changed } = made.result
  const { org } = request
  if (made.rehearsal !== undefined)
    return done(c, made, 200, () => ({ user: { id: user }, isNew, ...changed }))
  const session = await refreshSession(ground, { org, user, atLeastAsFresh: made.zookie })
  mark(c, session)
  return answer(c, { ...session, isNew, ...changed }, isNew ? 201 : 200)
}

const sessionOf = form({ user: id() })

/** Of the user whom the caller names, or of the acting user. */
export const refresh: Verb = (_, door) => async (c) => {
  const org = orgOf(c)
  const { user = actingUser(c, org) } = sessionOf(await bodyOf(c))
  if (user === undefined) {
    throw new Fault('actor_required', 'whose session it is has to be said', {
      field: 'user',
      hint: 'name the user in the body, or in the header Kith-Actor',
    })
  }
  const zookie = c.req.header('Kith-At-Least-As-Fresh')
  const session = await refreshSession(directoryOf(door), {
    org,
    user,
    ...(zookie === undefined ? {} : { atLeastAsFresh: zookie }),
  })
  mark(c, session)
  return answer(c, session)
}

function actingUser(c: Exchange, org: string): string | undefined {
  const actor = demandActor(callerOf(c), org, c.req.header('Kith-Actor'))
  return actor !== undefined && typeOf(actor) === userType ? idOf(actor) : undefined
}

function providedIn(c: Exchange): string {
  return c.req.param('idpGroup') ?? ''
}
