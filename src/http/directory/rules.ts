/** /v1/orgs/{org}/groups/{group}/rule, /v1/orgs/{org}/rules, and the log of what rules did. */

import { listLogs } from '../../directory/organizations/logs.ts'
import * as excluded from '../../directory/rules/excluded.ts'
import * as previews from '../../directory/rules/preview.ts'
import * as directory from '../../directory/rules/rules.ts'
import { Fault } from '../../lib/fault.ts'
import type { RuleKind, RuleText } from '../../model/rule/rule.ts'
import { bool, form, id, list, oneOf, required, source } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, endOf, mark, type Verb } from '../exchange.ts'
import { groupIn } from './groups.ts'
import { choiceOf, instantParameter, pageRequest, parameter } from './query.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

/** More than a rule has: what is too long is told as a problem of the rule. */
const textMax = 16_384
/** People whose parts one preview shows. */
const shownMax = 20

const rule = { rule: source(textMax), kind: oneOf('expression', 'regex') }
const ruleChange = form({ ...rule, enabled: bool(), confirm: bool() })
const tried = { rule: required(source(textMax)), kind: oneOf('expression', 'regex') }
const validated = form(tried)
const previewed = form({ ...tried, group: id(), users: list(id(), shownMax) })
const enabling = form({ confirm: bool() })
const disabling = form({ removeMembers: bool() })

function ruleOf(text: string, kind: RuleKind = 'expression'): RuleText {
  return { kind, text }
}

export const getRule: Verb = (_, door) => async (c) => {
  const found = await directory.getRule(directoryOf(door), { group: groupIn(c), ...visitOf(c) })
  mark(c, found)
  return answer(c, found.result)
}

export const setRule: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...actOf(c) }
  const { rule: text, kind, ...said } = ruleChange(await bodyOf(c))
  if (text === undefined && kind !== undefined) {
    throw new Fault('invalid_field', '`kind` is of a `rule`, and there is none', { field: 'kind' })
  }
  const change = { ...said, ...(text === undefined ? {} : { rule: ruleOf(text, kind) }) }
  return done(c, await directory.setRule(directoryOf(door), { change, ...request }), 200)
}

export const enableRule: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...actOf(c) }
  const change = { ...enabling(await bodyOf(c)), enabled: true }
  return done(c, await directory.setRule(directoryOf(door), { change, ...request }), 200)
}

export const disableRule: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...actOf(c) }
  const change = { ...disabling(await bodyOf(c)), enabled: false }
  return done(c, await directory.setRule(directoryOf(door), { change, ...request }), 200)
}

export const deleteRule: Verb = (_, door) => async (c) => {
  return done(c, await directory.deleteRule(directoryOf(door), { group: groupIn(c), ...actOf(c) }))
}

export const validateRule: Verb = (_, door) => async (c) => {
  const visit = visitOf(c)
  const { rule: text, kind } = validated(await bodyOf(c))
  const found = await previews.validateRule(directoryOf(door), { rule: ruleOf(text, kind), ...visit })
  mark(c, found)
  return answer(c, found.result)
}

export const previewRule: Verb = (_, door) => async (c) => {
  const visit = visitOf(c)
  const { rule: text, kind, ...said } = previewed(await bodyOf(c))
  const request = { rule: ruleOf(text, kind), ...visit, ...said }
  const found = await previews.previewRule(directoryOf(door), request, endOf(c))
  mark(c, found)
  return answer(c, found.result)
}

export const listExclusions: Verb = (_, door) => async (c) => {
  const { q: __, ...page } = pageRequest(c)
  const visit = { group: groupIn(c), ...visitOf(c), ...page }
  const found = await excluded.listExclusions(directoryOf(door), visit)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { exclusions: rows, continuationToken })
}

export const dropExclusion: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), user: c.req.param('user') ?? '', ...actOf(c) }
  return done(c, await excluded.dropExclusion(directoryOf(door), request))
}

const filters = ['group', 'user'] as const

export const viewLogs: Verb = (_, door) => async (c) => {
  const { q: __, ...page } = pageRequest(c)
  const said = filters.flatMap((name) => {
    const given = parameter(c, name)
    return given === undefined ? [] : [[name, given] as const]
  })
  const event = choiceOf(c, 'event', ['added', 'removed', 'error'])
  const [from, to] = [instantParameter(c, 'from'), instantParameter(c, 'to')]
  const found = await listLogs(directoryOf(door), {
    ...visitOf(c),
    ...page,
    ...Object.fromEntries(said),
    type: parameter(c, 'type') ?? '',
    ...(event === undefined ? {} : { event }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { logs: rows, continuationToken })
}
