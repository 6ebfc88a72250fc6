/**
 * Conversations with a resource: its history, for those who may see it, and add to it. An entity for each, and one for each
 * message; ids begin with the resource and grow with time, so that a history is read in the order in which it was made.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Entity } from '../../storage/storage.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { Sight } from '../sight.ts'
import { type Found, findResource, type ResourceName } from './resource.ts'

export interface Conversation extends JsonObject {
  readonly id: string
  /** `user:anne` */
  readonly startedBy: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly messages: number
}

export interface Message extends JsonObject {
  readonly number: number
  /** `user:anne` */
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

/** With its first message. @throws Fault not_found, forbidden, not_in_preset */
export function startConversation(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly title?: string; readonly message: string },
): Promise<Acted<Conversation>> {
  return act(ground, request, async (draft) => {
    const { object } = await openTo(draft, 'history.add', request)
    const id = newConversationId(draft)
    const titled = request.title === undefined ? {} : { title: request.title }
    const { actor, view } = draft
    const attributes = { ...titled, startedBy: actor, startedAt: view.now, messages: 1 }
    draft.put(conversationEntity, `${object}/${id}`, attributes)
    putMessage(draft, `${object}/${id}`, 1, request.message)
    draft.note({ action: 'conversation.start', target: object, new: { conversation: id } })
    return { id, ...attributes }
  })
}

/** @throws Fault not_found, forbidden, not_in_preset */
export function addMessage(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly conversation: string; readonly message: string },
): Promise<Acted<Message>> {
  return act(ground, request, async (draft) => {
    const { object } = await openTo(draft, 'history.add', request)
    const key = `${object}/${request.conversation}`
    const conversation = findConversation(draft, key)
    const number = Number(conversation.messages) + 1
    draft.put(conversationEntity, key, { ...conversation, messages: number })
    const note = { conversation: request.conversation, message: number }
    draft.note({ action: 'conversation.add', target: object, new: note })
    return putMessage(draft, key, number, request.message)
  })
}

/** Oldest first. @throws Fault not_found, forbidden, not_in_preset */
export function listConversations(
  ground: Ground,
  visit: Visit & ResourceName & PageRequest,
): Promise<Looked<Page<Conversation>>> {
  return look(ground, visit, async (sight) => {
    const { object } = await openTo(sight, 'history.view', visit)
    return await pageUnder(ground, sight, conversationEntity, `${object}/`, visit, ({ id, attributes }) => ({
      ...(attributes as Conversation),
      id: id.slice(object.length + 1),
    }))
  })
}

/** Oldest first. @throws Fault not_found, forbidden, not_in_preset */
export function listMessages(
  ground: Ground,
  visit: Visit & ResourceName & PageRequest & { readonly conversation: string },
): Promise<Looked<Page<Message>>> {
  return look(ground, visit, async (sight) => {
    const { object } = await openTo(sight, 'history.view', visit)
    const key = `${object}/${visit.conversation}`
    findConversation(sight, key)
    return await pageUnder(
      ground,
      sight,
      messageEntity,
      `${key}/`,
      visit,
      ({ attributes }) => attributes as Message,
    )
  })
}

/** Of a resource that goes. Costs a pass over them. */
export async function forgetConversations(draft: Draft, object: string): Promise<void> {
  for (const type of [conversationEntity, messageEntity]) {
    let after: Uint8Array | undefined
    do {
      const { rows, next } = await draft.view.entities(type, 1000, after, `${object}/`)
      for (const { id } of rows) draft.remove(type, id)
      after = next
    } while (after !== undefined)
  }
}

async function openTo(
  sight: Sight,
  action: 'history.view' | 'history.add',
  name: ResourceName,
): Promise<Found> {
  const found = findResource(sight, name)
  await sight.demand(action, found.kind.actions[action], found.object)
  return found
}

/** @throws Fault not_found */
function findConversation(sight: Sight, key: string): JsonObject {
  const found = sight.entity(conversationEntity, key)
  if (found !== undefined) return found
  throw new Fault('not_found', 'there is no such conversation')
}

function putMessage(draft: Draft, key: string, number: number, text: string): Message {
  const message: Message = { number, by: draft.actor, at: draft.view.now, text }
  draft.put(messageEntity, `${key}/${String(number).padStart(8, '0')}`, message)
  return message
}

/** Entities whose id begins with `prefix`, in order of id. */
async function pageUnder<Row>(
  ground: Ground,
  { view }: Sight,
  type: string,
  prefix: string,
  { pageSize, continuationToken }: PageRequest,
  row: (entity: Entity) => Row,
): Promise<Page<Row>> {
  const cursor = ground.service.cursors.for(`page of ${type}`, view.store, { prefix })
  const after = cursor.open(continuationToken)
  const { rows, next } = await view.entities(type, pageSizeOf(pageSize), after, prefix)
  return { rows: rows.map(row), continuationToken: cursor.seal(next) }
}

const conversationEntity = '@history'
const messageEntity = '@history-message'

/** In the order of time, for as long as milliseconds have nine digits in base 36: 3.2 thousand years. */
function newConversationId(draft: Draft): string {
  const [, random = ''] = draft.newId('').split('_')
  return `cnv_${draft.view.now.toString(36).padStart(9, '0')}${random}`
}
