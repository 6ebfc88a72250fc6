/** Files that are made while they are sent. One that breaks off ends the connection: nobody takes half for the whole. */
import type { UnderlyingSource } from 'node:stream/web'
import { setImmediate as turn } from 'node:timers/promises'
import { faultOf } from '../lib/fault.ts'
import { type Exchange, report, respond, setHeader } from './exchange.ts'

export interface Download {
  /** Of letters, digits, `-` and `.`. */
  readonly filename: string
  readonly type: string
  /** Texts that follow each other. */
  readonly pieces: AsyncIterable<string>
}

/** The first piece is awaited before the status leaves: a fault before it is thrown, and answered as any other. */
export async function answerDownload(c: Exchange, { filename, type, pieces }: Download): Promise<Response> {
  const iterator = pieces[Symbol.asyncIterator]()
  const visit = c.get('visit')
  let ahead: IteratorResult<string> | undefined = await iterator.next()
  const { release } = visit
  visit.release = undefined
  let isOver = false
  const end = () => {
    if (!isOver) release?.()
    isOver = true
  }
  const next = () => turn().then(() => iterator.next())
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      try {
        const { done, value } = ahead ?? (await next())
        ahead = undefined
        if (done !== true) {
          controller.enqueue(Buffer.from(value))
          return
        }
        controller.close()
      } catch (thrown) {
        const fault = faultOf(thrown)
        report(c, fault)
        controller.error(fault)
      }
      end()
    },
    async cancel() {
      try {
        await iterator.return?.()
      } finally {
        end()
      }
    },
  }
  setHeader(c, 'cache-control', 'no-store')
  setHeader(c, 'content-disposition', `attachment; filename="${filename}"`)
  // Nothing ahead of what is read.
  return respond(c, new ReadableStream(source, { highWaterMark: 0 }), 200, type)
}
