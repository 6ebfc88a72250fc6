/** The thread of a scrub: compares the tables it is given, slowly, answers once what it found, and ends. */
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type Compared, compareTables } from './files/tables.ts'

export interface ScrubOrder {
  readonly level: string
  readonly names: readonly string[]
  /** After each 256 KiB. */
  readonly pauseMs: number
}

/** What was found, or why nothing can be told. */
export type ScrubAnswer = Compared | { readonly failure: string; readonly code: string }

const { level, names, pauseMs } = workerData as ScrubOrder
compareTables(level, names, () => setTimeout(pauseMs)).then(
  (compared) => answer(compared),
  (error: unknown) => {
    const failure = error instanceof Error ? error.message : String(error)
    answer({ failure, code: error instanceof Error && 'code' in error ? String(error.code) : '' })
  },
)

function answer(found: ScrubAnswer): void {
  parentPort?.postMessage(found)
}
