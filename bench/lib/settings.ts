/** How large and how long, for all benches alike: from flags, or from the run they are part of. */
import { parseArgs } from 'node:util'
import type { Scale } from '../scenarios/scenario.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Small data and short rounds: whether it works, not how fast it is. */
    small: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    /** Measured, of one round; each bench has its own. */
    seconds: { type: 'string' },
    /** Only the cases whose name has this in it. */
    only: { type: 'string', default: '' },
  },
})

export const small = values.small
export const scale: Scale = small ? 'small' : 'full'
export const rounds = Number(values.rounds ?? (small ? 2 : 3))
/** Seconds to measure in a round, where nobody says otherwise. */
export const secondsOr = (usual: number): number => Number(values.seconds ?? (small ? 0.5 : usual))
export const only = values.only
export const words = positionals

/** The flags again, for a child. */
export const passedOn = [
  ...(small ? ['--small'] : []),
  ...(values.seconds === undefined ? [] : [`--seconds=${values.seconds}`]),
  `--rounds=${rounds}`,
]
