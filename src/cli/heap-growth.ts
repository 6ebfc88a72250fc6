/**
 * How far V8's heap may grow before all of it is collected. By its own measure it collects as soon as that costs throughput
 * little: every few seconds and megabytes where commits come steadily, and each time whoever asks waits for tens of milliseconds.
 * Here there is room for tens of megabytes, as long as the heap is small, which it is: what checks are answered from lies outside of it.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/** As the observer is told of a collection. */
type GcEntry = PerformanceEntry & { readonly detail: { readonly kind?: number } }

/** That what is used may grow by. */
const roomBytes = 64 * 2 ** 20
/** As far as V8 ever goes by itself. */
const percentMax = 300
/** Below it V8 knows better: a heap of hundreds of megabytes. */
const percentMin = 50

/**
 * Of the process, from now on; judged again after each collection of all memory, by what that left.
 * @param setFlag - of V8
 */
export function growHeapInSteps(setFlag = setFlagsFromString): void {
  const judge = () => setFlag(`--heap-growing-percent=${growthOf(getHeapStatistics().used_heap_size)}`)
  judge()
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as GcEntry[]) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) judge()
    }
  }).observe({ entryTypes: ['gc'] })
}

/** By how many hundredths of what is used the heap may grow; 0 leaves it to V8. @param used - bytes */
export function growthOf(used: number): number {
  const percent = Math.round((100 * roomBytes) / used)
  return percent < percentMin ? 0 : Math.min(percent, percentMax)
}
