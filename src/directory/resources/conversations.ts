/**
 * Conversations with a resource: its history, for those who may see it, and add to it. An entity for each, and one for each
 * message; ids begin with the resource and grow with time, so that a history is read in the order in which it was made.
 */
import { Fault } from '../../lib/fault.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import { Entities, type Fields, type Row } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { Sight } from '../sight.ts'
import { type Found, findResource, type ResourceName } from './resource.ts'

interface KeptConversation {
  readonly title?: string
  /** `user:anne` */
  readonly startedBy: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly messages: number
}

export interface Conversation extends KeptConversation {
  readonly id: string
}

export interface Message {
  readonly number: number
  /** `user:anne` */
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

/** By resource and id, and by number in these. */
const conversations = new Entities<KeptConversation>('@history')
const allMessages = new Entities<Message>('@history-message')

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
    conversations.put(draft, `${object}/${id}`, attributes)
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
    const number = conversation.messages + 1
    conversations.put(draft, key, { ...conversation, messages: number })
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
    return await pageUnder(ground, sight, conversations, `${object}/`, visit, ({ id, attributes }) => ({
      ...attributes,
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
    return await pageUnder(ground, sight, allMessages, `${key}/`, visit, ({ attributes }) => attributes)
  })
}

/** Of a resource that goes. Costs a pass over them. */
export async function forgetConversations(draft: Draft, object: string): Promise<void> {
  for (const { type } of [conversations, allMessages]) {
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
function findConversation(sight: Sight, key: string): KeptConversation {
  const found = conversations.at(sight, key)
  if (found !== undefined) return found
  throw new Fault('not_found', 'there is no such conversation')
}

function putMessage(draft: Draft, key: string, number: number, text: string): Message {
  const message: Message = { number, by: draft.actor, at: draft.view.now, text }
  allMessages.put(draft, `${key}/${String(number).padStart(8, '0')}`, message)
  return message
}

/** Entities whose id begins with `prefix`, in order of id. */
async function pageUnder<Shape extends Fields<Shape>, Shown>(
  ground: Ground,
  { view }: Sight,
  entities: Entities<Shape>,
  prefix: string,
  { pageSize, continuationToken }: PageRequest,
  shown: (row: Row<Shape>) => Shown,
): Promise<Page<Shown>> {
  const cursor = ground.service.cursors.for(`page of ${entities.type}`, view.store, { prefix })
  const after = cursor.open(continuationToken)
  const { rows, next } = await entities.page(view, pageSizeOf(pageSize), after, prefix)
  return { rows: rows.map(shown), continuationToken: cursor.seal(next) }
}

/** In the order of time, for as long as milliseconds have nine digits in base 36: 3.2 thousand years. */
function newConversationId(draft: Draft): string {
  const [, random = ''] = draft.newId('').split('_')
  return `cnv_${draft.view.now.toString(36).padStart(9, '0')}${random}`
}
