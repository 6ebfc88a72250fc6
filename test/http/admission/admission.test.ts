/** Who comes in: rates, the line for lists, the delay of the loop, and the doors that ask. Time is injected. */
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Admission, type AdmissionTime, type Work } from '../../../src/http/admission/admission.ts'
import { createApp } from '../../../src/http/app.ts'
import { Lane } from '../../../src/http/lane/lane.ts'
import { listen } from '../../../src/http/listen.ts'
import { routes } from '../../../src/http/routes.ts'
import type { Kith } from '../../../src/service/kith.ts'
import type { WatchPage } from '../../../src/service/requests.ts'
import { openRing } from '../../callers/ring.ts'
import { ask } from '../ask.ts'
import { fake, modelId, storeId, zookie } from '../fake.ts'
import { listing, post } from '../lane/twins.ts'

/** Stands until it is moved; what is due is done in order, late by what `stall` says. */
class Hand implements AdmissionTime {
  #now = 0
  #due: { at: number; tick: () => void }[] = []
  readonly #turned: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, tick: () => void): () => void {
    const mine = { at: this.#now + ms, tick }
    this.#due.push(mine)
    return () => {
      this.#due = this.#due.filter((each) => each !== mine)
    }
  }

  turn(tick: () => void): void {
    this.#turned.push(tick)
  }

  /** All that waits in sockets was read. */
  readAll(): void {
    for (const tick of this.#turned.splice(0)) tick()
  }

  move(ms: number): void {
    this.readAll()

    const end = this.#now + ms
    for (;;) {
      const next = this.#due.toSorted((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.#due = this.#due.filter((each) => each !== next)
      this.#now = Math.max(this.#now, next.at)
      next.tick()
    }
    this.#now = end
  }

  /** The loop is busy for so long: what was due meanwhile comes at its end. */
  stall(ms: number): void {
    this.readAll()
    this.#now += ms
    const late = this.#due.filter(({ at }) => at <= this.#now)
    this.#due = this.#due.filter(({ at }) => at > this.#now)
    for (const { tick } of late) tick()
  }

  get timers(): number {
    return this.#due.length
  }
}

function admissionOf({ listsMax = 2, ratePerSecond = 0, watchesMax = 100, bodyBytesMax = 1_000 } = {}) {
  const hand = new Hand()
  return { hand, admission: new Admission({ listsMax, ratePerSecond, watchesMax, bodyBytesMax }, hand) }
}

const works: readonly Work[] = ['health', 'check', 'read', 'write', 'list', 'bulk', 'watch']

function letIn({ admission, hand }: ReturnType<typeof admissionOf>): readonly Work[] {
  return works.filter((work) => {
    try {
      admission.demand(work, 'a', hand.now())
      return true
    } catch {
      return false
    }
  })
}

/** A crowd comes, and the loop is late, so many times. */
function press(on: ReturnType<typeof admissionOf>, delayMs: number, times: number, crowd = 20): void {
  for (let time = 0; time < times; time++) {
    for (let one = 0; one < crowd; one++) {
      try {
        on.admission.demand('check', 'a', on.hand.now())
      } catch {
        // Refused ones make a crowd too.
      }
    }
    on.hand.stall(25 + delayMs)
  }
}

describe('a delay that stands, and a crowd: the least urgent is refused first', () => {
  test.each<[number, readonly Work[]]>([
    [0, works],
    [199, works],
    [240, ['health', 'check', 'read', 'write', 'watch']],
    [600, ['health', 'check']],
    [1_000, ['health']],
    [100_000, ['health']],
  ])('%d ms', (delayMs, expected) => {
    const on = admissionOf()
    press(on, delayMs, 4)
    expect(letIn(on)).toEqual(expected)
  })

  test('one long turn is none', () => {
    const on = admissionOf()
    press(on, 5_000, 1)
    expect(letIn(on)).toEqual(works)
    press(on, 0, 2)
    press(on, 5_000, 1)
    expect(letIn(on)).toEqual(works)
  })

  test('nor is a machine that is slow for the few who ask', () => {
    const on = admissionOf()
    press(on, 5_000, 10, 16)
    expect(letIn(on)).toEqual(works)
  })

  test('everybody comes in again as soon as the loop is in time', () => {
    const on = admissionOf()
    press(on, 1_000, 10)
    expect(letIn(on)).toEqual(['health'])
    press(on, 0, 1)
    expect(letIn(on)).toEqual(works)
  })
})

describe('the line for lists', () => {
  const enter = ({ admission }: ReturnType<typeof admissionOf>) => {
    const state = { is: 'waiting' }
    const entering = admission.enter('list', 'a')
    if (entering === undefined) state.is = 'in'
    entering?.then(
      () => {
        state.is = 'in'
      },
      (fault: { code: string }) => {
        state.is = fault.code
      },
    )
    return state
  }
  /** So many give their places back, and the turn is over. */
  const leave = ({ admission, hand }: ReturnType<typeof admissionOf>, count = 1) => {
    for (let each = 0; each < count; each++) admission.leave('list', 'a')
    hand.readAll()
  }
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await undefined
  }

  test('so many at once; first come, first served; a place is given on', async () => {
    const on = admissionOf()
    const one = enter(on)
    on.hand.readAll()
    const [two, three, four] = [enter(on), enter(on), enter(on)]
    on.hand.readAll()
    await settled()
    expect([one.is, two.is, three.is, four.is]).toEqual(['in', 'in', 'waiting', 'waiting'])
    leave(on)
    await settled()
    expect([three.is, four.is]).toEqual(['in', 'waiting'])
    leave(on, 2)
    await settled()
    expect(four.is).toBe('in')
    leave(on)
    expect(on.admission.lines).toMatchObject({ lists: 0, listsWaiting: 0 })
  })

  test('one begins in a turn of the loop, whether or not the one before is answered by then', async () => {
    const on = admissionOf({ listsMax: 3 })
    const lists = [enter(on)]
    on.admission.leave('list', 'a')
    for (let list = 0; list < 3; list++) lists.push(enter(on))
    for (let begun = 1; begun <= 4; begun++) {
      await settled()
      expect(lists.filter(({ is }) => is === 'in')).toHaveLength(begun)
      on.hand.readAll()
    }
    on.hand.readAll()
    expect(on.admission.lines).toMatchObject({ lists: 3, listsWaiting: 0 })
  })

  test('nobody waits for more than a second, though no place is given back', async () => {
    const on = admissionOf({ listsMax: 1 })
    enter(on)
    const late = enter(on)
    on.hand.move(900)
    await settled()
    expect(late.is).toBe('waiting')
    on.hand.move(200)
    await settled()
    expect(late.is).toBe('overloaded')
    expect(on.admission.refused).toMatchObject({ list: 1 })
    expect(on.admission.lines).toMatchObject({ lists: 1, listsWaiting: 0 })
  })

  test('it holds what some tens of callers make who wait for their answers', async () => {
    const on = admissionOf({ listsMax: 3 })
    const callers = Array.from({ length: 61 }, () => enter(on))
    for (let turn = 0; turn < 200; turn++) {
      leave(on)
      callers.push(enter(on))
      on.hand.move(5)
    }
    callers.push(enter(on), enter(on))
    await settled()
    expect(callers.filter(({ is }) => is === 'waiting')).toHaveLength(60)
    expect(on.admission.refused.list).toBe(0)
    expect(() => on.admission.enter('list', 'a')).toThrow('too much is asked at once')
  })

  test('once somebody was refused it is as short as there are places, until nobody was for half a second', async () => {
    const on = admissionOf({ listsMax: 1 })
    enter(on)
    const line = Array.from({ length: 20 }, () => enter(on))
    const comes = () => {
      try {
        on.admission.demand('list', 'a', on.hand.now())
        return enter(on).is
      } catch {
        return 'refused'
      }
    }
    expect(comes()).toBe('refused')
    await settled()
    expect(line.map(({ is }) => is)).toEqual(Array(20).fill('overloaded'))
    expect(on.admission.refused.list).toBe(21)
    // Nobody who stands in the short one is turned away for those who come later.
    expect([comes(), comes(), comes()]).toEqual(['waiting', 'refused', 'refused'])
    expect(on.admission.lines).toMatchObject({ lists: 1, listsWaiting: 1 })
    on.hand.move(400)
    expect(comes()).toBe('refused')
    on.hand.move(499)
    expect(comes()).toBe('refused')
    // Who stood in the short one is told, after a second.
    on.hand.move(500)
    for (let waiter = 0; waiter < 20; waiter++) expect(comes()).toBe('waiting')
    expect(comes()).toBe('refused')
  })

  test('imports and exports have places of their own', () => {
    const on = admissionOf()
    enter(on)
    enter(on)
    expect(on.admission.enter('bulk', 'a')).toBeUndefined()
    expect(on.admission.enter('write', 'a')).toBeUndefined()
  })

  test('no timer is left when nobody waits', () => {
    const on = admissionOf()
    on.admission.close()
    enter(on)
    enter(on)
    enter(on)
    on.hand.move(1_100)
    expect(on.hand.timers).toBe(0)
  })
})

test('of more requests than some tens of callers send in one turn of the loop, lists are refused first', () => {
  const on = admissionOf()
  const come = (count: number) => {
    for (let each = 0; each < count; each++) on.admission.demand('check', 'a', 0)
  }
  come(63)
  on.admission.demand('list', 'a', 0)
  expect(() => on.admission.demand('list', 'a', 0)).toThrow('too much is asked at once')
  expect(letIn(on)).toEqual(['health', 'check', 'read', 'write', 'watch'])
  come(1_024)
  expect(letIn(on)).toEqual(['health', 'check'])
  on.hand.readAll()
  expect(letIn(on)).toEqual(works)
})

describe('what one caller may have of what is scarce: half', () => {
  test('imports and exports; no place in line is taken from others', async () => {
    const { admission } = admissionOf()
    void admission.enter('bulk', 'a')
    void admission.enter('bulk', 'a')
    expect(() => admission.enter('bulk', 'a')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
    expect(admission.enter('bulk', 'b')).toBeUndefined()
    expect(admission.lines).toMatchObject({ bulk: 3, bulkWaiting: 0 })
    admission.leave('bulk', 'a')
    expect(admission.enter('bulk', 'a')).toBeUndefined()
    expect(admission.refused.bulk).toBe(1)
  })

  test('who was told that it waited too long has its share back', async () => {
    const { admission, hand } = admissionOf()
    for (const caller of ['a', 'a', 'b', 'b']) void admission.enter('bulk', caller)
    const late = admission.enter('bulk', 'c')
    hand.move(1_100)
    await expect(late).rejects.toMatchObject({ code: 'overloaded' })
    for (const caller of ['a', 'a', 'b', 'b']) admission.leave('bulk', caller)
    hand.readAll()
    for (let each = 0; each < 2; each++) expect(admission.enter('bulk', 'c')).toBeUndefined()
  })

  test('watches', () => {
    const { admission } = admissionOf({ watchesMax: 4 })
    for (const caller of ['a', 'a', 'b']) expect(admission.enter('watch', caller)).toBeUndefined()
    expect(() => admission.enter('watch', 'a')).toThrow('half of all there may be')
    admission.leave('watch', 'a')
    expect(admission.enter('watch', 'a')).toBeUndefined()
  })

  test('nobody’s share is known where nobody says who it is', () => {
    const { admission } = admissionOf({ watchesMax: 2 })
    for (let each = 0; each < 10; each++) expect(admission.enter('watch', 'anonymous')).toBeUndefined()
    for (let each = 0; each < 4; each++) expect(admission.enter('bulk', 'anonymous')).toBeUndefined()
  })
})

test('so many checks may be under way, and no more', () => {
  const on = admissionOf()
  for (let each = 0; each < 4_096; each++) void on.admission.enter('check', 'a')
  expect(letIn(on)).toEqual(works.filter((work) => work !== 'check'))
  on.admission.leave('check', 'a')
  expect(letIn(on)).toEqual(works)
})

describe('rates', () => {
  const answerOf = (
    { admission, hand }: ReturnType<typeof admissionOf>,
    caller: string,
    work: Work = 'check',
  ) => {
    try {
      admission.demand(work, caller, hand.now())
      return 'in'
    } catch (fault) {
      return (fault as { retryAfter: number }).retryAfter
    }
  }

  test('a second’s worth at once, then as it fills; each caller by itself; health is not counted', () => {
    const on = admissionOf({ ratePerSecond: 10 })
    const many = (count: number) => Array.from({ length: count }, () => answerOf(on, 'key:a'))
    expect(many(12)).toEqual([...Array(10).fill('in'), 1, 1])
    expect(answerOf(on, 'key:b')).toBe('in')
    expect(answerOf(on, 'key:a', 'health')).toBe('in')
    on.hand.move(100)
    expect(many(2)).toEqual(['in', 1])
    on.hand.move(60_000)
    expect(many(11)).toEqual([...Array(10).fill('in'), 1])
    expect(on.admission.refused.rate).toBe(4)
  })

  test('one a second', () => {
    const on = admissionOf({ ratePerSecond: 1 })
    expect([answerOf(on, 'a'), answerOf(on, 'a')]).toEqual(['in', 1])
    on.hand.move(1_000)
    expect([answerOf(on, 'a'), answerOf(on, 'a')]).toEqual(['in', 1])
  })

  test('no limit unless one is set', () => {
    const on = admissionOf()
    for (let each = 0; each < 2_000; each++) {
      expect(answerOf(on, 'a')).toBe('in')
      on.hand.readAll()
    }
  })
})

describe('the doors', () => {
  const check = {
    path: `/stores/${storeId}/check`,
    body: { tuple_key: { user: 'user:a', relation: 'r', object: 'd:1' } },
  }
  const list = { path: `/stores/${storeId}/list-objects`, body: { type: 'd', relation: 'r', user: 'user:a' } }
  const allowed = { zookie, model: modelId, allowed: true, resolution: '' }

  test('every route of the table but health and pages for operators can be refused', () => {
    const never = routes.filter(({ work }) => work === 'health').map(({ path }) => path)
    expect(never.toSorted()).toEqual(['/healthz', '/livez', '/metrics', '/readyz', '/startupz', '/v1/debug'])
  })

  test('an overload is 503 with Retry-After, a rate 429; neither asks anything', async () => {
    const on = admissionOf({ ratePerSecond: 1 })
    const { kith, calls } = fake({ check: async () => allowed })
    const app = createApp(kith, { admission: on.admission })
    press(on, 1_000, 4)
    const refused = await ask(app, check.path, { body: check.body })
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1'])
    expect(refused.body).toMatchObject({ code: 'overloaded' })
    expect((await ask(app, '/livez')).status).toBe(200)
    press(on, 0, 4)
    expect((await ask(app, check.path, { body: check.body })).status).toBe(200)
    const limited = await ask(app, check.path, { body: check.body })
    expect(limited.body).toMatchObject({ code: 'rate_limited' })
    expect([limited.status, limited.headers.get('Retry-After')]).toEqual([429, '1'])
    expect(calls).toHaveLength(1)
  })

  test('a watch holds its share until it ends, read to its end or hung up on', async () => {
    const on = admissionOf({ watchesMax: 2 })
    const ring = await openRing()
    const headers = { Authorization: `Bearer ${await ring.key('read')}` }
    let goOn: () => void = () => {}
    const { kith } = fake({
      async watch() {
        const over = new Promise<{ done: true; value: undefined }>((resolve) => {
          goOn = () => resolve({ done: true, value: undefined })
        })
        const steps = [
          Promise.resolve({ done: false as const, value: { changes: [], cursor: zookie } }),
          over,
        ]
        const pages: AsyncIterableIterator<WatchPage> = {
          [Symbol.asyncIterator]: () => pages,
          next: () => steps.shift() ?? over,
          async return() {
            goOn()
            return over
          },
        }
        return { zookie, pages }
      },
    })
    const app = createApp(kith, { admission: on.admission, gate: ring.gate })
    const open = () => app.request(`/v1/stores/${storeId}/watch`, { headers })
    const first = await open()
    const second = await open()
    expect([second.status, second.headers.get('Retry-After')]).toEqual([429, '1'])
    const reader = first.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    const third = await open()
    expect(third.status).toBe(200)
    const read = third.text()
    expect((await open()).status).toBe(429)
    goOn()
    await read
    expect((await open()).status).toBe(200)
  })

  test('bodies are bounded together, declared or in chunks, and given back with the answer', async () => {
    const on = admissionOf({ bodyBytesMax: 20_000_000 })
    const { kith } = fake({ check: async () => allowed })
    const app = createApp(kith, { admission: on.admission, bodyBytesMax: 20_000_000 })
    on.admission.bodies.take(80_000_000 - 100, 'anonymous')
    const body = JSON.stringify(check.body)
    const padded = body + ' '.repeat(101 - body.length)
    const send = (init: RequestInit) => app.request(check.path, { method: 'POST', ...init })
    const chunked = (text: string) => ({ body: new Blob([text]).stream(), duplex: 'half' }) as RequestInit
    const declared = (text: string) => ({ body: text, headers: { 'Content-Length': `${text.length}` } })
    for (const init of [chunked(padded), declared(padded)]) {
      const refused = await send(init)
      expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1'])
      expect(on.admission.bodies.bytes).toBe(80_000_000 - 100)
    }
    for (const init of [chunked(body), declared(body)]) {
      expect((await send(init)).status).toBe(200)
      expect(on.admission.bodies.bytes).toBe(80_000_000 - 100)
    }
  })

  test('whoever goes away within a declared body gives back what it took, also of a change, which nothing bounds', async () => {
    const on = admissionOf()
    const { kith, calls } = fake({})
    const app = createApp(kith, { admission: on.admission })
    const listening = await listen(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(() => listening.close(0))
    const socket = connect(Number(new URL(listening.address).port), '127.0.0.1')
    socket.write(
      `POST /stores/${storeId}/write HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{"writes":`,
    )
    await expect.poll(() => on.admission.bodies.bytes).toBe(1000)
    socket.destroy()
    await expect.poll(() => on.admission.bodies.bytes).toBe(0)
    expect(calls).toEqual([])
  })

  test('of all bytes of bodies one caller has half at most, and again once they are answered', async () => {
    const on = admissionOf({ bodyBytesMax: 20_000_000 })
    const ring = await openRing()
    const { kith } = fake({ check: async () => allowed })
    const app = createApp(kith, { admission: on.admission, gate: ring.gate, bodyBytesMax: 20_000_000 })
    const [greedy, other] = [await ring.key('check'), await ring.key('check')]
    const id = ring.keys.find(greedy, ring.now)?.caller.id ?? ''
    on.admission.bodies.take(40_000_000, id)
    const send = (key: string) =>
      ask(app, check.path, { body: check.body, headers: { Authorization: `Bearer ${key}` } })
    const refused = await send(greedy)
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '1'])
    expect((await send(other)).status).toBe(200)
    on.admission.bodies.give(1_000, id)
    for (let each = 0; each < 20; each++) expect((await send(greedy)).status).toBe(200)
    on.admission.bodies.give(40_000_000 - 1_000, id)
    expect(on.admission.bodies.bytes).toBe(0)
  })

  test('of all but checks one begins in a turn of the loop, and gives its turn on when it is refused', async () => {
    const on = admissionOf()
    const begun: string[] = []
    const { kith } = fake({
      async read() {
        begun.push('read')
        return { zookie, tuples: [], continuationToken: '' }
      },
      async write() {
        begun.push('write')
        return { zookie, written: 1, deleted: 0 }
      },
      async check() {
        begun.push('check')
        return allowed
      },
    })
    const app = createApp(kith, { admission: on.admission })
    const at = `/stores/${storeId}`
    const writes = { tuple_keys: [{ user: 'user:a', relation: 'r', object: 'd:1' }] }
    const answers = [
      ask(app, `${at}/read`, { body: {} }),
      ask(app, `${at}/write`, { body: 'no JSON' }),
      ask(app, `${at}/write`, { body: { writes } }),
      ask(app, `${at}/read`, { body: {} }),
      ask(app, check.path, { body: check.body }),
    ]
    let answered = 0
    for (const each of answers) void each.then(() => answered++)
    const turns: string[][] = []
    while (answered < answers.length) {
      // What one turn begins has time to answer.
      for (let tick = 0; tick < 20; tick++) await new Promise(setImmediate)
      turns.push(begun.splice(0).toSorted())
      on.hand.readAll()
    }
    expect(turns).toEqual([['check', 'read'], [], ['write'], ['read']])
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 400, 200, 200, 200])
  })

  test('who waited for a turn for a second is refused, and of whom the deadline has answered nothing is asked', async () => {
    const on = admissionOf()
    const { kith, calls } = fake({
      read: async () => ({ zookie, tuples: [], continuationToken: '' }),
      write: async () => ({ zookie, written: 1, deleted: 0 }),
    })
    const app = createApp(kith, { admission: on.admission, requestTimeoutMs: 50 })
    const read = () => ask(app, `/stores/${storeId}/read`, { body: {} })
    const write = () => ask(app, `/stores/${storeId}/write`, { body: { writes } })
    const writes = { tuple_keys: [{ user: 'user:a', relation: 'r', object: 'd:1' }] }
    expect((await read()).status).toBe(200)
    // Somebody has this turn already.
    const [late, next, waits] = [await read(), write(), write()]
    expect(late.body).toMatchObject({ code: 'deadline_exceeded' })
    on.hand.move(1_001)
    on.hand.readAll()
    expect((await next).status).toBe(200)
    expect([(await waits).status, (await waits).headers.get('Retry-After')]).toEqual([503, '1'])
    expect(calls.map(([verb]) => verb)).toEqual(['read', 'write'])
    on.hand.readAll()
    expect((await read()).status).toBe(200)
  })

  test('whom nobody hears takes no turn', async () => {
    const { admission, hand } = admissionOf()
    const told: string[] = []
    const wait = async (name: string, isHeard: boolean) => {
      await admission.begin('write', { isHeard })?.catch(() => told.push(`no ${name}`))
      if (isHeard) told.push(name)
    }
    for (const [name, isHeard] of [
      ['one', true],
      ['gone', false],
      ['left', false],
      ['two', true],
    ] as const) {
      void wait(name, isHeard)
    }
    await new Promise(setImmediate)
    expect(told).toEqual(['one'])
    hand.readAll()
    await new Promise(setImmediate)
    expect(told.toSorted()).toEqual(['no gone', 'no left', 'one', 'two'])
    // They were not refused for want of room.
    expect(admission.refused.write).toBe(0)
  })

  test('nor a place in the line for lists, and counts as refused nowhere', async () => {
    const { admission, hand } = admissionOf({ listsMax: 1 })
    const told: string[] = []
    const wait = (name: string, isHeard: boolean) => {
      const entering = Promise.resolve(admission.enter('list', 'a', { isHeard }))
      entering.then(
        () => told.push(name),
        () => told.push(`no ${name}`),
      )
    }
    wait('one', true)
    wait('gone', false)
    wait('two', true)
    admission.leave('list', 'a')
    hand.readAll()
    await new Promise(setImmediate)
    expect(told).toEqual(['one', 'no gone', 'two'])
    wait('left', false)
    wait('late', true)
    hand.move(1_100)
    await new Promise(setImmediate)
    expect(told.slice(3)).toEqual(['no left', 'no late'])
    expect(admission.refused.list).toBe(1)
  })

  const bothDoors = async (on: ReturnType<typeof admissionOf>) => {
    const { kith, calls } = fake({ check: async () => allowed })
    const lane = new Lane(kith, { admission: on.admission })
    const listening = await listen(
      createApp(kith, { admission: on.admission }),
      { host: '127.0.0.1', port: 0 },
      { lane },
    )
    onTestFinished(() => listening.close(0))
    const port = Number(new URL(listening.address).port)
    /** The answer of a check, by the lane or handed over by a header. */
    const send = async (...headers: string[]) => {
      const socket = connect(port, '127.0.0.1')
      socket.write(post(JSON.stringify(check.body), { headers }))
      socket.write('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      const [head = '', body = ''] = text.split('\r\n\r\n')
      return [head.slice(9, 12), /retry-after: (.*)/i.exec(head)?.[1], body.replace(/HTTP[\s\S]*/, '')]
    }
    return { lane, calls, send }
  }

  test('the lane refuses as the app does, and never allows', async () => {
    const on = admissionOf()
    const { lane, calls, send } = await bothDoors(on)
    press(on, 1_000, 4)
    const told = [await send(), await send('X-Api-Key: the app reads it')]
    expect(lane.counts).toMatchObject({ answered: 1, handedOver: 2 })
    expect(told[0]).toEqual(told[1])
    expect(told[0]).toEqual(['503', '1', expect.stringContaining('overloaded')])
    expect(calls).toEqual([])
    press(on, 0, 1)
    expect((await send())[0]).toBe('200')
    // It did not answer within its turn: it was counted, and is not any more.
    for (let each = 0; each < 4_096; each++) void on.admission.enter('check', 'a')
    expect((await send())[0]).toBe('503')
    on.admission.leave('check', 'a')
    expect((await send())[0]).toBe('200')
    expect((await send())[0]).toBe('200')
    expect(lane.counts).toMatchObject({ answered: 5 })
  })

  test('so it does who asks too often, again and again', async () => {
    const on = admissionOf({ ratePerSecond: 1 })
    const { lane, calls, send } = await bothDoors(on)
    expect((await send())[0]).toBe('200')
    const told = [await send(), await send('X-Api-Key: the app reads it'), await send()]
    expect(told).toEqual(Array(3).fill(['429', '1', expect.stringContaining('rate_limited')]))
    expect(new Set(told.map(([, , body]) => body)).size).toBe(1)
    expect(lane.counts).toMatchObject({ answered: 3 })
    expect(calls).toHaveLength(1)
  })

  describe('a list in the lane', () => {
    const start = async () => {
      const on = admissionOf({ listsMax: 1 })
      let answer: () => void = () => {}
      const { kith, calls } = fake({
        async listObjects() {
          await new Promise<void>((resolve) => {
            answer = resolve
          })
          return { zookie, model: modelId, objects: ['d:1'], truncated: false, continuationToken: '' }
        },
      })
      const clock = { ms: 0, tick: () => {} }
      const time = {
        now: () => clock.ms,
        every(_ms: number, tick: () => void) {
          clock.tick = tick
          return () => {}
        },
      }
      const lane = new Lane(kith, { admission: on.admission, time, requestTimeoutMs: 5_000 })
      const listening = await listen(
        createApp(kith, { admission: on.admission }),
        { host: '127.0.0.1', port: 0 },
        { lane },
      )
      onTestFinished(() => listening.close(0))
      const asking = () => {
        const socket = connect(Number(new URL(listening.address).port), '127.0.0.1')
        socket.write(post(listing('anne'), { verb: 'list-objects' }))
        const status = new Promise<string>((resolve) => {
          socket.once('data', (chunk) => resolve(String(chunk).slice(9, 12)))
          socket.once('close', () => resolve('gone'))
        })
        return { socket, status }
      }
      return { on, calls, clock, lane, asking, answer: () => answer() }
    }
    const until = async (is: () => boolean) => {
      for (let turn = 0; !is(); turn++) {
        if (turn === 100_000) throw new Error('it never came to that')
        await new Promise((resolve) => setImmediate(resolve))
      }
    }

    test('waits for its place and gives it on', async () => {
      const { on, calls, lane, asking, answer } = await start()
      const one = asking()
      await until(() => calls.length === 1)
      const two = asking()
      await until(() => on.admission.lines.listsWaiting === 1)
      expect(calls).toHaveLength(1)
      answer()
      expect(await one.status).toBe('200')
      on.hand.readAll()
      await until(() => calls.length === 2)
      answer()
      expect(await two.status).toBe('200')
      on.hand.readAll()
      expect(on.admission.lines).toMatchObject({ lists: 0, listsWaiting: 0 })
      expect(lane.counts).toEqual({ answered: 2, handedOver: 0 })
    })

    test('is refused where the line is full, or took too long', async () => {
      const { on, calls, asking, answer } = await start()
      const one = asking()
      await until(() => calls.length === 1)
      const late = asking()
      await until(() => on.admission.lines.listsWaiting === 1)
      on.hand.move(1_100)
      expect(await late.status).toBe('503')
      for (let each = 0; each < 20; each++) on.admission.enter('list', 'a')?.catch(() => {})
      expect(await asking().status).toBe('503')
      expect(calls).toHaveLength(1)
      answer()
      expect(await one.status).toBe('200')
    })

    test('of somebody who hung up in line, or was told that it is too late, nothing is asked', async () => {
      const { on, calls, clock, asking, answer } = await start()
      const one = asking()
      await until(() => calls.length === 1)
      const gone = asking()
      await until(() => on.admission.lines.listsWaiting === 1)
      gone.socket.destroy()
      await gone.status
      const late = asking()
      await until(() => on.admission.lines.listsWaiting === 2)
      clock.ms += 5_000
      clock.tick()
      expect([await one.status, await late.status]).toEqual(['500', '500'])
      answer()
      await until(() => {
        on.hand.readAll()
        return on.admission.lines.lists === 0
      })
      expect(on.admission.lines).toMatchObject({ lists: 0, listsWaiting: 0 })
      expect(calls).toHaveLength(1)
    })
  })

  test.each<[string, Partial<Kith>, number]>([
    [
      'answered',
      {
        listObjects: async () => ({
          zookie,
          model: modelId,
          objects: [],
          truncated: false,
          continuationToken: '',
        }),
      },
      200,
    ],
    ['failed', { listObjects: async () => Promise.reject(new Error('boom')) }, 500],
  ])('a list gives its place back when it is %s', async (_, kith, status) => {
    const on = admissionOf({ listsMax: 1 })
    const app = createApp(fake(kith).kith, { admission: on.admission })
    for (let each = 0; each < 3; each++) {
      expect((await ask(app, list.path, { body: list.body })).status).toBe(status)
      on.hand.readAll()
    }
    expect(on.admission.lines).toMatchObject({ lists: 0 })
  })

  describe('a stream holds its place to its end', () => {
    const streaming = () => {
      const on = admissionOf({ listsMax: 1 })
      let ended = 0
      const { kith } = fake({
        async streamListObjects() {
          async function* pages() {
            try {
              for (let page = 0; page < 3; page++) yield [`d:${page}`]
            } finally {
              ended++
            }
          }
          return { zookie, model: modelId, objects: none(), pages: pages() }
        },
      })
      async function* none(): AsyncGenerator<string> {}
      const app = createApp(kith, { admission: on.admission })
      const open = () =>
        app.request(`/stores/${storeId}/streamed-list-objects`, {
          method: 'POST',
          body: JSON.stringify(list.body),
        })
      return { on, open, ended: () => ended }
    }

    test('read to its end', async () => {
      const { on, open } = streaming()
      const response = await open()
      expect(on.admission.lines).toMatchObject({ lists: 1 })
      expect((await response.text()).split('\n')).toHaveLength(4)
      on.hand.readAll()
      expect(on.admission.lines).toMatchObject({ lists: 0 })
    })

    test('hung up on', async () => {
      const { on, open, ended } = streaming()
      const reader = (await open()).body?.getReader()
      await reader?.read()
      expect(on.admission.lines).toMatchObject({ lists: 1 })
      await reader?.cancel()
      on.hand.readAll()
      expect(on.admission.lines).toMatchObject({ lists: 0 })
      expect(ended()).toBe(1)
    })
  })
})
