/** GET /v1/stores/{store}/watch: what changes in a store, as server-sent events, from where a client left off. */
import type { WatchPage } from '../../service/requests.ts'
import { encodeLogged } from '../../wire/log.ts'
import { decodeWatch } from '../../wire/store.ts'
import { answerEvents, type ServerEvent } from '../events.ts'
import { mark, storeOf, type Verb } from '../exchange.ts'
import { demandObject } from '../permit.ts'

export const watch: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'WatchRequest')
  const asked = decodeWatch(c.req.query(), c.req.header('Last-Event-ID'))
  const visit = c.get('visit')
  const demandTypes = () => demandObject(visit.caller, 'read', state.store, asked.object ?? asked.type)
  demandTypes()
  const watching = await kith.watch({ ...state, ...asked })
  mark(c, watching)
  return answerEvents(c, 'change', {
    async next() {
      const { done, value } = await watching.pages.next()
      // Before anything is told: a key may have been revoked, or narrowed to other types, while nothing happened.
      await visit.readmit(c)
      demandTypes()
      return done ? { done, value } : { done: false, value: eventsOf(value) }
    },
    async return() {
      await watching.pages.return?.()
      return { done: true, value: undefined }
    },
  })
}

function eventsOf({ changes, cursor }: WatchPage): readonly ServerEvent[] {
  if (changes.length === 0) return [{ id: cursor }]
  return changes.map((change) => ({ id: change.cursor, data: JSON.stringify(encodeLogged(change)) }))
}
