/** One timer bounds every question, each by its own arrival. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadline } from '../../src/http/before/deadline.ts'
import type { Exchange } from '../../src/http/exchange.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const answer = new Response('done')

/** Questions bounded by 100 ms, each with how it came out and whether its route was told. */
function world() {
  const deadline = new Deadline(100)
  const said: string[] = []
  return {
    said,
    ask(name: string, answering: () => Promise<Response>) {
      const visit = { abandoned: false }
      const c = { get: () => visit } as unknown as Exchange
      deadline
        .bound(answering)(c)
        .then(
          () => said.push(`${name} answered`),
          (fault: Error) => said.push(`${name} ${fault.message}, abandoned: ${visit.abandoned}`),
        )
    },
  }
}

const never = () => new Promise<Response>(() => {})
const late = 'Request Deadline Exceeded, abandoned: true'

test('each by its own arrival, whatever came between', async () => {
  const { said, ask } = world()
  ask('a', never)
  await vi.advanceTimersByTimeAsync(60)
  ask('b', never)
  ask('c', async () => answer)
  await vi.advanceTimersByTimeAsync(39)
  expect(said).toEqual(['c answered'])
  await vi.advanceTimersByTimeAsync(1)
  expect(said).toEqual(['c answered', `a ${late}`])
  await vi.advanceTimersByTimeAsync(59)
  expect(said.length).toBe(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(said).toEqual(['c answered', `a ${late}`, `b ${late}`])
})

test('after a time in which nothing was asked', async () => {
  const { said, ask } = world()
  ask('a', async () => answer)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(vi.getTimerCount()).toBe(0)
  ask('b', never)
  ask('c', () => Promise.reject(new Error('refused')))
  await vi.advanceTimersByTimeAsync(100)
  expect(said).toEqual(['a answered', 'c refused, abandoned: false', `b ${late}`])
})
