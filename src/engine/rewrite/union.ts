/** `a or b`: a member of any operand. */
import { type Operator, operands } from '../operator.ts'

export const union: Operator<'union'> = {
  join: 'any',
  open: (rewrite, site) => operands(rewrite.children, site),
}
