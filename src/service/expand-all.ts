/** Who stands behind object#relation, down to the leaves? */
import { Fault } from '../lib/fault.ts'
import type { Ground } from './ground.ts'
import type { ExpandAllAnswer, ExpandAllRequest } from './requests.ts'

export async function expandAll(_ground: Ground, _request: ExpandAllRequest): Promise<ExpandAllAnswer> {
  throw new Fault('unimplemented', 'Not Implemented')
}
