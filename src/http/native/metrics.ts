/** GET /metrics: the numbers of the process, as Prometheus reads them. They name nobody. */
import { Fault } from '../../lib/fault.ts'
import { respond, type Verb } from '../exchange.ts'

/** @throws Fault undefined_endpoint where none are kept */
export const metrics: Verb = (_, { exposition }) => {
  return async (c) => {
    if (exposition === undefined) throw new Fault('undefined_endpoint', 'Not Found')
    const { type, text } = await exposition()
    return respond(c, text, 200, type)
  }
}
