/** Who makes a change, as storage takes it. Where it comes from is the door's affair. */
import type { Change } from '../storage/storage.ts'
import type { ChangeRequest } from './requests.ts'

export function madeBy({ provenance }: ChangeRequest): Pick<Change, 'provenance'> {
  return provenance === undefined ? {} : { provenance }
}
