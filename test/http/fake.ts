/** A Kith that is written down: answers what a test gives it and remembers what it was asked. */
import { Fault } from '../../src/lib/fault.ts'
import type { Kith } from '../../src/service/kith.ts'

export const storeId = '01J0000000000000000000000A'
export const modelId = '01J0000000000000000000000B'
export const zookie = 'z1'

export interface Fake {
  readonly kith: Kith
  /** `[method, ...arguments]` of every call, in order. */
  readonly calls: unknown[][]
}

/** Methods that are not given refuse with internal_error: a test that reaches one by accident sees a 500. */
export function fake(given: Partial<Kith>): Fake {
  const calls: unknown[][] = []
  const kith = new Proxy({} as Kith, {
    get(_, name: string) {
      if (name === 'unready' || name === 'memory' || name === 'storeCount') return given[name]
      if (name === 'isGuarded') return given.isGuarded ?? (() => false)
      const method = given[name as keyof Kith] as ((...args: unknown[]) => unknown) | undefined
      return async (...args: unknown[]) => {
        calls.push([name, ...args])
        if (method === undefined) throw new Fault('internal_error', `nothing is written down for ${name}`)
        return method(...args)
      }
    },
  })
  return { kith, calls }
}
