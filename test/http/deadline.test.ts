/** One timer bounds every question, each by its own arrival; of what changes something, the body alone is bounded. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { Deadline } from '../../src/http/before/deadline.ts'
import { fake, storeId } from './fake.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const answer = new Response('done')

/** Questions bounded by 100 ms, each with how it came out. */
function world() {
  const deadline = new Deadline(100)
  const said: string[] = []
  return {
    said,
    ask(name: string, answering: () => Promise<Response>) {
      const mine = { dueAt: 0, place: undefined, giveUp: () => said.push(`${name} is late`) }
      deadline.begin(mine)
      answering()
        .then(
          () => said.push(`${name} answered`),
          (fault: Error) => said.push(`${name} ${fault.message}`),
        )
        .finally(() => deadline.end(mine))
    },
  }
}

const never = () => new Promise<Response>(() => {})
const late = 'is late'

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
  expect(said).toEqual(['a answered', 'c refused', `b ${late}`])
})

test.each([
  ['POST', `/stores/${storeId}/write`],
  ['POST', `/stores/${storeId}/authorization-models`],
  ['PUT', `/stores/${storeId}/assertions/${storeId}`],
  ['POST', '/stores'],
])(
  'a body that never comes is waited for half a minute, and nothing is done: %s %s',
  async (method, path) => {
    const { kith, calls } = fake({})
    const body = new ReadableStream({ pull: () => new Promise<void>(() => {}) })
    const request = new Request(`http://kith${path}`, { method, body, duplex: 'half' } as RequestInit)
    let answer: Response | undefined
    void Promise.resolve(createApp(kith).request(request)).then((given) => {
      answer = given
    })
    await vi.advanceTimersByTimeAsync(29_999)
    expect(answer).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect([answer?.status, await answer?.json()]).toMatchObject([500, { code: 'deadline_exceeded' }])
    expect(calls).toEqual([])
  },
)
