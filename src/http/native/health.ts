/**
 * Health: /livez (the process answers), /startupz (it has begun to serve), /readyz (send requests here) and OpenFGA's
 * /healthz. Never authenticated.
 */
import { Fault } from '../../lib/fault.ts'
import type { Kith } from '../../service/kith.ts'
import { answer, type Door, type Verb } from '../exchange.ts'

const serving = { status: 'SERVING' }

export const livez: Verb = () => async (c) => answer(c, serving)

/** @throws Fault unavailable until what has to be in place before serving is; never again after that. */
export const startupz: Verb =
  (_kith, { hasStarted }) =>
  async (c) => {
    if (hasStarted?.() === false) throw new Fault('unavailable', 'the sidecar is starting')
    return answer(c, serving)
  }

/** @throws Fault unavailable, with the reason, while requests should go elsewhere. */
export const readyz: Verb = (kith, door) => async (c) => {
  demandReady(kith, door)
  return answer(c, serving)
}

const services: readonly (string | undefined)[] = [undefined, '', 'openfga.v1.OpenFGAService']

export const healthz: Verb = (kith, door) => async (c) => {
  if (!services.includes(c.req.query('service'))) throw new Fault('undefined_endpoint', 'unknown service')
  demandReady(kith, door)
  return answer(c, serving)
}

/** The reason may name files: where callers have to say who they are, it is left to the log. */
function demandReady({ unready }: Kith, { gate }: Door): void {
  if (unready === undefined) return
  throw new Fault('unavailable', gate?.isClosed === true ? 'not ready' : unready)
}
