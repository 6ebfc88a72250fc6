/** The service's verbs as a contestant: what HTTP and in-process callers get. */
import { Fault } from '../../src/lib/fault.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import type { Question } from '../generate/case.ts'
import type { Verdict } from '../oracle/oracle.ts'
import type { Contestant, Open } from './harness.ts'
import { inMemory } from './stored.ts'

/** Every bound out of the way: the oracle knows none. */
const unbounded = {
  resolveDepth: Number.POSITIVE_INFINITY,
  requestTimeoutMs: 600_000,
  listDeadlineMs: 600_000,
  listMax: 1_000_000,
  checksPerBatchMax: 1_000,
}

/** Checks one by one. */
export function serviceInMemory(salt: number): Open {
  return contestant(salt, (kith, store) => async ({ key, baggage }) => {
    const answer = await orError(async () => kith.check({ store, tuple: key, ...baggage }))
    return answer === 'error' ? 'error' : verdictOf(answer.allowed)
  })
}

/** Checks in batches, each with all the questions asked before: none may answer for another. */
export function batchesInMemory(salt: number): Open {
  return contestant(salt, (kith, store) => {
    const asked: Question[] = []
    return async (question) => {
      asked.push(question)
      const checks = asked.map(({ key, baggage }, index) => ({
        correlationId: `${index}`,
        tuple: key,
        ...baggage,
      }))
      const { results } = await kith.batchCheck({ store, checks })
      const result = results.get(`${asked.length - 1}`)
      if (typeof result === 'boolean') return verdictOf(result)
      return orError(async (): Promise<Verdict> => {
        throw result ?? new Error('a batch leaves nobody out')
      })
    }
  })
}

function contestant(
  salt: number,
  check: (kith: Kith, store: string) => (question: Question) => Promise<Verdict>,
): Open {
  return async (world): Promise<Contestant> => {
    const { storage, store, close } = await inMemory(world, salt)
    const kith = kithOver(storage, unbounded)
    return {
      check: check(kith, store),
      listObjects: (baggage, question) =>
        orError(async () => (await kith.listObjects({ store, ...question, ...baggage })).objects),
      listUsers: (baggage, question) =>
        orError(async () => (await kith.listUsers({ store, ...question, ...baggage })).users),
      close,
    }
  }
}

function verdictOf(allowed: boolean): Verdict {
  return allowed ? 'allowed' : 'denied'
}

async function orError<Answer>(ask: () => Promise<Answer>): Promise<Answer | 'error'> {
  try {
    return await ask()
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'validation_error') return 'error'
    throw thrown
  }
}
