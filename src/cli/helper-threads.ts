/**
 * The threads that help, which stand behind the one that answers. LevelDB's writes, the collector's helpers and the compiler have
 * threads of their own; where there is no core to spare, one of them that has just been woken is let run for up to
 * milliseconds, and whoever asks waits for it. Behind, they run when it rests; where the collector waits for its helpers, and
 * they for the core that it waits on, it has none.
 */
import { readdirSync } from 'node:fs'
import { availableParallelism, constants, getPriority, setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/** Steps of niceness: a tenth of a core is theirs when the one that answers never rests. */
const stepsBehind = 10

/** Of this process, those there are by now: whom they start later stands where they do. Linux alone tells threads apart. */
export function standHelpersBehind(): void {
  const behind = Math.min(getPriority() + stepsBehind, constants.priority.PRIORITY_LOW)
  for (const thread of threads()) if (thread !== process.pid) standAt(thread, behind)
}

/**
 * On one core the young are collected by the thread that answers alone: with helpers, in turns on that core, it took 2 ms beside
 * 500 commits a second, and takes 1.1 to 1.5. @param setFlag - of V8
 */
export function scavengeAloneOnOneCore(cores = availableParallelism(), setFlag = setFlagsFromString): void {
  if (cores === 1) setFlag('--no-parallel-scavenge')
}

/** Of this process; none elsewhere, or in a sandbox without /proc. */
function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
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
