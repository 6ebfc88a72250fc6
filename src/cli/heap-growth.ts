/**
 * How far V8's heap may grow before all of it is collected. By its own measure it collects as soon as that costs throughput
 * little: every few seconds and megabytes where commits come steadily, and each time whoever asks waits for tens of milliseconds.
 * Here there is room for tens of megabytes, as long as the heap is small, which it is: what checks are answered from lies outside of it.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, type HeapInfo, setFlagsFromString } from 'node:v8'

/** As the observer is told of a collection. */
type GcEntry = PerformanceEntry & { readonly detail: { readonly kind?: number } }

/** That what is used may grow by, */
const roomBytesMax = 64 * 2 ** 20
/** and of all that the heap may ever have: where a container leaves it little, it is not for garbage. */
const roomOfLimit = 1 / 16
/** As far as V8 goes by itself where memory is plenty. */
const percentMax = 300
/** Below it V8 knows better: a heap of hundreds of megabytes. */
const percentMin = 50

/**
 * Of the process, from now on; judged again after each collection of all memory, by what that left, for the next.
 * @param setFlag - of V8
 */
export function growHeapInSteps(setFlag = setFlagsFromString): void {
  const judge = () => setFlag(`--heap-growing-percent=${growthOf(getHeapStatistics())}`)
  judge()
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as GcEntry[]) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) judge()
    }
  }).observe({ entryTypes: ['gc'] })
}

/** By how many hundredths of what is used the heap may grow, in bytes both; 0 leaves it to V8. */
export function growthOf({
  used_heap_size: used,
  heap_size_limit: limit,
}: Pick<HeapInfo, 'heap_size_limit' | 'used_heap_size'>): number {
  const percent = Math.round((100 * Math.min(roomBytesMax, limit * roomOfLimit)) / used)
  return percent < percentMin ? 0 : Math.min(percent, percentMax)
}
