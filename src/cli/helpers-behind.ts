/**
 * The threads that help stand behind the one that answers. LevelDB's writes, the collector's helpers and the compiler have
 * threads of their own; where there is no core to spare, one of them that has just been woken is let run for up to
 * milliseconds, and whoever asks waits for it. Behind, they run when it rests.
 */
import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** Steps of niceness: a tenth of a core is theirs when the one that answers never rests. */
const stepsBehind = 10

/** Of this process, those there are by now: whom they start later stands where they do. Linux alone tells threads apart. */
export function standHelpersBehind(): void {
  if (process.platform !== 'linux') return
  const behind = Math.min(getPriority() + stepsBehind, constants.priority.PRIORITY_LOW)
  for (const thread of threadsOf(process.pid)) if (thread !== process.pid) standAt(thread, behind)
}

/** None in a sandbox without /proc. */
function threadsOf(process: number): readonly number[] {
  try {
    return readdirSync(`/proc/${process}/task`).map(Number)
  } catch {
    return []
  }
}

function standAt(thread: number, priority: number): void {
  try {
    setPriority(thread, priority)
  } catch {
    // It has ended meanwhile, or a sandbox forbids it: it runs as it did.
  }
}
