/** Health: /livez (the process answers), /readyz (send requests here) and OpenFGA's /healthz. Never authenticated. */
import { Fault } from '../../lib/fault.ts'
import { answer, type Verb } from '../exchange.ts'

const serving = { status: 'SERVING' }

export const livez: Verb = () => async (c) => answer(c, serving)

/** @throws Fault unavailable, with the reason, while requests should go elsewhere. */
export const readyz: Verb = (kith) => async (c) => {
  if (kith.unready !== undefined) throw new Fault('unavailable', kith.unready)
  return answer(c, serving)
}

const services: readonly (string | undefined)[] = [undefined, '', 'openfga.v1.OpenFGAService']

export const healthz: Verb = (kith) => async (c) => {
  if (!services.includes(c.req.query('service'))) throw new Fault('undefined_endpoint', 'unknown service')
  if (kith.unready !== undefined) throw new Fault('unavailable', kith.unready)
  return answer(c, serving)
}
