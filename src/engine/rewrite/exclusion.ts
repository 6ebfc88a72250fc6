/** `base but not subtract`: a member of the base that is certainly none of the subtracted. */
import { type Operator, operands } from '../operator.ts'

export const exclusion: Operator<'exclusion'> = {
  join: 'but-not',
  open: (rewrite, site) => operands([rewrite.base, rewrite.subtract], site),
}
