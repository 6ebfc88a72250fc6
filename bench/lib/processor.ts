/** Processor time of another process so far, the main thread apart. From /proc, in hundredths of a second. */
import { readFileSync } from 'node:fs'

/** Seconds. */
export interface Processor {
  /** Of the main thread. */
  readonly user: number
  readonly system: number
  /** Of all other threads: the collector's, the compiler's, the storage's. */
  readonly others: number
}

/** Zeros where there is no /proc, or no such process. */
export function processorOf(pid: number): Processor {
  const [user, system] = spent(`/proc/${pid}/task/${pid}/stat`)
  const [allUser, allSystem] = spent(`/proc/${pid}/stat`)
  return { user, system, others: allUser + allSystem - user - system }
}

export function between(before: Processor, after: Processor): Processor {
  return {
    user: after.user - before.user,
    system: after.system - before.system,
    others: after.others - before.others,
  }
}

export const sum = ({ user, system, others }: Processor): number => user + system + others

/** Fields 14 and 15, in ticks of which Linux tells a hundred a second, after the name in brackets. */
function spent(path: string): readonly [user: number, system: number] {
  try {
    const fields = readFileSync(path, 'latin1').split(') ')[1]?.split(' ') ?? []
    return [Number(fields[11]) / 100, Number(fields[12]) / 100]
  } catch {
    return [0, 0]
  }
}
