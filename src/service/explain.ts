/** Why does a check answer as it does? */
import { Fault } from '../lib/fault.ts'
import type { Ground } from './ground.ts'
import type { ExplainAnswer, ExplainRequest } from './requests.ts'

export async function explain(_ground: Ground, _request: ExplainRequest): Promise<ExplainAnswer> {
  throw new Fault('unimplemented', 'Not Implemented')
}
