/** Page sizes, as every paged verb judges them. */
import { Fault } from '../lib/fault.ts'

const pageSizeDefault = 50

/** Absent or 0 is the default. @throws Fault page_size_invalid */
export function pageSizeOf(asked: number | undefined, max = 100): number {
  if (asked === undefined || asked === 0) return pageSizeDefault
  if (Number.isInteger(asked) && asked >= 1 && asked <= max) return asked
  throw new Fault('page_size_invalid', `invalid page_size: value must be inside range [1, ${max}]`)
}
