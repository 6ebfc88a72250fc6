/**
 * /v1/orgs/{org}/check and its kin: what an application asks about its users. It needs the same rights as the questions
 * of /stores, and nobody has to be acting; where somebody is, and the caller has no such right, it may ask about itself.
 */
import { demandActor } from '../../callers/actor.ts'
import type { Right } from '../../callers/scopes.ts'
import * as directory from '../../directory/questions/questions.ts'
import { Fault, faultOf } from '../../lib/fault.ts'
import { type Consistency, consistency as fresh } from '../../wire/consistency.ts'
import { form, integer, json, list, part, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, type Exchange, mark, setHeader, tell, type Verb } from '../exchange.ts'
import { demandAllTypes, demandBatch, demandQuestion } from '../permit.ts'
import { directoryErrorOf } from '../problem.ts'
import { directoryOf, orgOf } from './visit.ts'

const word = () => required(text(512))
const consistency = fresh()
const key = { user: word(), relation: word(), object: word(), context: json(65_536) }
const paging = { pageSize: integer(1, 1000), continuationToken: text(8192) }

const checkBody = form({ ...key, consistency })

export const askCheck: Verb = (kith, door) => async (c) => {
  const { consistency, ...asked } = checkBody(await bodyOf(c))
  const request = await directory.checkOf(directoryOf(door), askingOf(c, consistency), asked)
  if (!asksOwn(c, 'check', request.tuple.subject)) {
    demandQuestion(callerOf(c), 'check', request.tuple.object, request)
  }
  const told = tell(c, { verb: 'check', request })
  const checked = await kith.check(request)
  told.answer = checked
  mark(c, checked)
  // Seconds. It holds all the same: a decision that a commit bears on is forgotten with that.
  setHeader(c, 'x-decision-age', String(Math.floor((checked.ageMs ?? 0) / 1000)))
  return answer(c, { allowed: checked.allowed })
}

const batchBody = form({ checks: required(list(part(key), 1000)), consistency })

export const askBatchCheck: Verb = (kith, door) => async (c) => {
  const { consistency, checks } = batchBody(await bodyOf(c))
  const request = await directory.batchCheckOf(directoryOf(door), askingOf(c, consistency), checks)
  const subjects = [...new Set(request.checks.map(({ tuple }) => tuple.subject))]
  if (!subjects.every((subject) => asksOwn(c, 'check', subject))) demandBatch(callerOf(c), request)
  const checked = await kith.batchCheck(request)
  mark(c, checked)
  const results = Array.from(checked.results.values(), (result) =>
    typeof result === 'boolean' ? { allowed: result } : directoryErrorOf(faultOf(result)),
  )
  return answer(c, { results })
}

const listObjectsBody = form({
  user: word(),
  relation: word(),
  type: word(),
  context: json(65_536),
  ...paging,
  consistency,
})

export const askListObjects: Verb = (kith, door) => async (c) => {
  const { consistency, ...asked } = listObjectsBody(await bodyOf(c))
  const paged = { pageSize: pageSizeDefault, ...asked }
  const request = await directory.listObjectsOf(directoryOf(door), askingOf(c, consistency), paged)
  if (!asksOwn(c, 'list', request.subject)) demandQuestion(callerOf(c), 'list', request.type, request)
  const found = await kith.listObjects(request)
  mark(c, found)
  // In the word that was asked for: an application that says bot is told of bots.
  const objects = found.objects.map((object) => asked.type + object.slice(request.type.length))
  return answer(c, { objects, ...restOf(found) })
}

const listUsersBody = form({
  object: word(),
  relation: word(),
  filter: text(512),
  context: json(65_536),
  ...paging,
  consistency,
})

export const askListUsers: Verb = (kith, door) => async (c) => {
  const { consistency, ...asked } = listUsersBody(await bodyOf(c))
  const paged = { pageSize: pageSizeDefault, filter: 'user', ...asked }
  const request = await directory.listUsersOf(directoryOf(door), askingOf(c, consistency), paged)
  demandQuestion(callerOf(c), 'list', request.object, request)
  const found = await kith.listUsers(request)
  mark(c, found)
  return answer(c, { users: found.users, ...restOf(found) })
}

const expandBody = form({ object: word(), relation: word(), ...paging, consistency })

export const askExpand: Verb = (kith, door) => async (c) => {
  const { consistency, ...asked } = expandBody(await bodyOf(c))
  const asking = askingOf(c, consistency)
  demandAllTypes(callerOf(c), 'read', asking.store)
  const request = await directory.expandOf(directoryOf(door), asking, asked)
  const found = await kith.expandAll(request)
  mark(c, found)
  return answer(c, { nodes: found.nodes, ...restOf(found) })
}

export const askExplain: Verb = (_, door) => async (c) => {
  const { consistency, ...asked } = checkBody(await bodyOf(c))
  const asking = askingOf(c, consistency)
  const request = await directory.checkOf(directoryOf(door), asking, asked)
  const own = asksOwn(c, 'read', request.tuple.subject)
  if (!own) demandAllTypes(callerOf(c), 'read', asking.store)
  const explained = await directory.explain(directoryOf(door), asking, request, own)
  mark(c, explained)
  return answer(c, explained.result)
}

const pageSizeDefault = 1000

function restOf({
  continuationToken,
  truncated,
}: {
  readonly continuationToken: string
  readonly truncated: boolean
}) {
  return { continuationToken, ...(truncated ? { truncated } : {}) }
}

/** @throws Fault invalid_field: two tokens, which nobody could put in order */
function askingOf(c: Exchange, consistency: Consistency = {}) {
  const store = orgOf(c)
  const zookie = c.req.header('Kith-At-Least-As-Fresh')
  if (zookie !== undefined && consistency.atLeastAsFresh !== undefined) {
    throw new Fault('invalid_field', 'how fresh is said twice: in the body, and in Kith-At-Least-As-Fresh', {
      field: 'consistency',
    })
  }
  return { store, ...(zookie === undefined ? {} : { atLeastAsFresh: zookie }), ...consistency }
}

/** Whether it is the acting user that asks, about itself, since the caller may not ask. @throws Fault of the actor */
function asksOwn(c: Exchange, right: Right, subject: string): boolean {
  const caller = callerOf(c)
  const store = orgOf(c)
  if (caller.scopes.permits(right, store) || !caller.scopes.permits('directory', store)) return false
  return demandActor(caller, store, c.req.header('Kith-Actor')) === subject
}
