/** Server-sent events, with backpressure: the next one is asked for when there is room for it. Not what they say. */
import type { Fault } from '../lib/fault.ts'
import { faultOf } from '../lib/fault.ts'
import { type Exchange, report, respond, setHeader } from './exchange.ts'
import { problemOf } from './problem.ts'

/** Milliseconds after which a client that lost its connection is to come back. */
const retryMs = 2_000

export interface ServerEvent {
  /** Where a client that saw it goes on. */
  readonly id: string
  /** One line. Absent: the id alone, which clients note and show nobody. */
  readonly data?: string
}

/**
 * Answers pages of events as they come. The last event, `end`, says why: a problem as any answer's body. A client that
 * goes away ends the iteration.
 */
export function answerEvents(
  c: Exchange,
  name: string,
  pages: AsyncIterator<readonly ServerEvent[]>,
): Response {
  let text = `retry: ${retryMs}\n\n`
  let ended = false
  const visit = c.get('visit')
  const { release } = visit
  visit.release = undefined
  const end = () => {
    if (!ended) release?.()
    ended = true
  }
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pages.next()
        if (done) end()
        else for (const event of value) text += printEvent(name, event)
      } catch (thrown) {
        end()
        text += printEnd(c, faultOf(thrown))
        await pages.return?.()
      }
      controller.enqueue(Buffer.from(text))
      text = ''
      if (ended) controller.close()
    },
    async cancel() {
      end()
      await pages.return?.()
    },
  })
  setHeader(c, 'cache-control', 'no-store')
  // Proxies that gather an answer before they pass it on are told not to.
  setHeader(c, 'x-accel-buffering', 'no')
  return respond(c, stream, 200, 'text/event-stream')
}

function printEvent(name: string, { id, data }: ServerEvent): string {
  // A comment keeps readers awake that count no ids.
  if (data === undefined) return `: alive\nid: ${id}\n\n`
  return `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`
}

function printEnd(c: Exchange, fault: Fault): string {
  report(c, fault)
  return `event: end\ndata: ${JSON.stringify(problemOf(fault).body)}\n\n`
}
