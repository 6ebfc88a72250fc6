/** GET /v1/backup: the data folder at one moment, streamed. What is in it, and how it is read back, storage knows. */
import { faultOf } from '../../lib/fault.ts'
import { report, respond, type Verb } from '../exchange.ts'

export const backup: Verb = (kith) => async (c) => {
  const chunks = await kith.backup()
  // Awaited before the status leaves, so that what cannot begin is answered as any fault.
  let ahead: IteratorResult<Uint8Array, undefined> | undefined = await chunks.next()
  // Its place among what is bulk is its own until the last chunk: the storage's state is held as long.
  const visit = c.get('visit')
  const { release } = visit
  visit.release = undefined
  let ended = false
  const end = () => {
    if (!ended) release?.()
    ended = true
  }
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = ahead ?? (await chunks.next())
        ahead = undefined
        if (done !== true) return controller.enqueue(value)
        end()
        controller.close()
      } catch (thrown) {
        end()
        // The last chunk has said why; without an end nobody takes this for a backup.
        report(c, faultOf(thrown))
        controller.close()
      }
    },
    async cancel() {
      try {
        await chunks.return(undefined)
      } finally {
        end()
      }
    },
  })
  return respond(c, stream, 200, 'application/vnd.kith.backup')
}
