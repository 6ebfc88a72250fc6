/** /v1/orgs/{org}/resources/{type}/{id}: what belongs to one resource: areas of its settings, keys, conversations. */
import * as keys from '../../directory/resources/api-keys.ts'
import * as areas from '../../directory/resources/areas.ts'
import * as conversations from '../../directory/resources/conversations.ts'
import { form, json, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { pageRequest } from './query.ts'
import { nameOf } from './resources.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

const areaSettings = required(json(65_536))

export const getArea: Verb = (_, door) => async (c) => {
  const found = await areas.getArea(directoryOf(door), { area: areaIn(c), ...visitOf(c), ...nameOf(c) })
  mark(c, found)
  return answer(c, found.result)
}

export const configure: Verb = (_, door) => async (c) => {
  const request = { area: areaIn(c), ...actOf(c), ...nameOf(c) }
  const settings = areaSettings(await bodyOf(c), 'body')
  const changed = await areas.configure(directoryOf(door), { settings, ...request })
  return done(c, changed, 200)
}

function areaIn(c: Exchange): string {
  return c.req.param('area') ?? ''
}

const newKey = form({ name: required(text(200)) })
const keySecret = form({ secret: required(text(200)) })

export const createApiKey: Verb = (_, door) => async (c) => {
  const request = { ...actOf(c), ...nameOf(c) }
  const { name } = newKey(await bodyOf(c))
  const made = await keys.createKey(directoryOf(door), { name, ...request })
  return done(c, made, 201)
}

export const listApiKeys: Verb = (_, door) => async (c) => {
  const found = await keys.listKeys(directoryOf(door), { ...visitOf(c), ...nameOf(c) })
  mark(c, found)
  return answer(c, { keys: found.result })
}

export const revokeApiKey: Verb = (_, door) => async (c) => {
  const request = { key: c.req.param('key') ?? '', ...actOf(c), ...nameOf(c) }
  return done(c, await keys.revokeKey(directoryOf(door), request))
}

export const verifyApiKey: Verb = (_, door) => async (c) => {
  const request = { ...visitOf(c), ...nameOf(c) }
  const { secret } = keySecret(await bodyOf(c))
  const found = await keys.verifyKey(directoryOf(door), { secret, ...request })
  mark(c, found)
  return answer(c, { valid: found.result !== undefined, key: found.result ?? null })
}

const newConversation = form({ title: text(200), message: required(text(32_768)) })
const newMessage = form({ message: required(text(32_768)) })

export const startConversation: Verb = (_, door) => async (c) => {
  const request = { ...actOf(c), ...nameOf(c) }
  const asked = newConversation(await bodyOf(c))
  const made = await conversations.startConversation(directoryOf(door), { ...request, ...asked })
  return done(c, made, 201)
}

export const listConversations: Verb = (_, door) => async (c) => {
  const request = { ...visitOf(c), ...nameOf(c), ...pageRequest(c) }
  const found = await conversations.listConversations(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { conversations: rows, continuationToken })
}

export const addMessage: Verb = (_, door) => async (c) => {
  const request = { conversation: conversationIn(c), ...actOf(c), ...nameOf(c) }
  const { message } = newMessage(await bodyOf(c))
  const added = await conversations.addMessage(directoryOf(door), { message, ...request })
  return done(c, added, 200)
}

export const listMessages: Verb = (_, door) => async (c) => {
  const request = { conversation: conversationIn(c), ...visitOf(c), ...nameOf(c), ...pageRequest(c) }
  const found = await conversations.listMessages(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { messages: rows, continuationToken })
}

function conversationIn(c: Exchange): string {
  return c.req.param('thread') ?? ''
}
