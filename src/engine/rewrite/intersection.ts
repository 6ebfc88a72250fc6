/** `a and b`: a member of every operand. */
import { type Operator, operands } from '../operator.ts'

export const intersection: Operator<'intersection'> = {
  join: 'all',
  open: (rewrite, site) => operands(rewrite.children, site),
}
