import { afterEach, describe, expect, test } from 'vitest'
import { act } from '../../src/directory/act.ts'
import { Errands, endErrand, leaveErrand } from '../../src/directory/errands.ts'
import { type Directory, openDirectory } from './http.ts'

let open: { readonly directory: Directory; readonly org: string; readonly errands: Errands[] }

async function begin() {
  const directory = await openDirectory()
  const { id: org } = await directory.organization('training')
  open = { directory, org, errands: [] }
  return open
}

/** A runner of its own, as after a start. */
function runner(options: ConstructorParameters<typeof Errands>[1] = {}): Errands {
  const errands = new Errands(open.directory.ground.service.storage, options)
  open.errands.push(errands)
  return errands
}

afterEach(async () => {
  for (const errands of open.errands) await errands.stop()
})

const commit = (decide: Parameters<typeof act<void>>[2]) =>
  act(open.directory.ground, { org: open.org, actor: 'user:boss', provenance: {} }, decide)
const leave = (id: string, attributes = {}, due?: number) =>
  commit((draft) => leaveErrand(draft, id, attributes, due))

/** Calls, one at a time. */
function calls<Call>() {
  const seen: Call[] = []
  let more = () => {}
  return {
    seen,
    told(call: Call) {
      seen.push(call)
      more()
    },
    async are(count: number) {
      while (seen.length < count) {
        await new Promise<void>((resolve) => {
          more = resolve
        })
      }
      return seen
    },
  }
}

describe('errands', () => {
  test('one that is left is run, by whoever handles its kind, and ends when a commit removes it', async () => {
    await begin()
    const done = calls<string>()
    const errands = runner()
    errands.handle('greet', async ({ id, attributes }) => {
      await commit((draft) => endErrand(draft, id))
      done.told(`${id} ${String(attributes.who)}`)
    })
    await errands.start()
    await leave('greet/1', { who: 'ann' })
    await leave('other/1')
    await leave('greet/2', { who: 'bob' })
    expect([...(await done.are(2))].sort()).toEqual(['greet/1 ann', 'greet/2 bob'])
    await errands.settled()
    expect(done.seen).toHaveLength(2)
  })

  test('one that was left before the start is found by it, in whatever organization', async () => {
    await begin()
    await leave('greet/1')
    const { id: other } = await open.directory.organization('sharing')
    await act(open.directory.ground, { org: other, actor: 'user:boss', provenance: {} }, (draft) =>
      leaveErrand(draft, 'greet/2', {}),
    )
    const done = calls<string>()
    const errands = runner()
    errands.handle('greet', async ({ org, id }, signal) => {
      done.told(`${org} ${id}`)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    await errands.start()
    expect([...(await done.are(2))].sort()).toEqual([`${open.org} greet/1`, `${other} greet/2`].sort())
  })

  test('one that fails is told and tried again, one that left itself undone too', async () => {
    await begin()
    const done = calls<string>()
    const failures: string[] = []
    const errands = runner({ onFailure: (_, failure) => failures.push(String(failure)) })
    errands.handle('greet', async ({ id }) => {
      done.told(id)
      if (done.seen.length === 1) throw new Error('not now')
      if (done.seen.length === 3) await commit((draft) => endErrand(draft, id))
    })
    await errands.start()
    await leave('greet/1')
    await done.are(3)
    await errands.settled()
    expect(failures).toEqual(['Error: not now'])
    expect(done.seen).toHaveLength(3)
  })

  test('none is run before it is due, and none twice at a time', async () => {
    await begin()
    let now = Date.now()
    const running = new Set<string>()
    const done = calls<string>()
    const errands = runner({ now: () => now })
    errands.handle('greet', async ({ id, attributes }) => {
      if (running.has(id)) throw new Error(`${id} runs already`)
      running.add(id)
      await commit((draft) => endErrand(draft, id))
      running.delete(id)
      done.told(`${id} ${String(attributes.at)}`)
    })
    await errands.start()
    await leave('greet/later', { at: 1 }, now + 3_600_000)
    await leave('greet/now', { at: 1 }, now)
    await done.are(1)
    await errands.settled()
    expect(done.seen).toEqual(['greet/now 1'])
    now += 3_600_000
    await leave('greet/now', { at: 2 }, now)
    expect([...(await done.are(3))].sort()).toEqual(['greet/later 1', 'greet/now 1', 'greet/now 2'])
  })

  test('each kind has its turn, however many there are of another', async () => {
    await begin()
    const done = calls<string>()
    const errands = runner()
    for (const kind of ['many', 'one']) {
      errands.handle(kind, async ({ id }) => {
        done.told(id)
        await commit((draft) => endErrand(draft, id))
      })
    }
    await errands.start()
    await commit((draft) => {
      for (let at = 0; at < 100; at++) leaveErrand(draft, `many/${at}`, {})
      leaveErrand(draft, 'one/1', {})
    })
    const order = await done.are(101)
    expect(order.indexOf('one/1')).toBeLessThan(4)
    expect(new Set(order).size).toBe(101)
  })

  test('each organization has its turn within a kind, however many there are of another', async () => {
    await begin()
    const { id: other } = await open.directory.organization('sharing')
    let now = Date.now()
    const done = calls<string>()
    const errands = runner({ now: () => now })
    errands.handle('ask', async ({ org, id }) => {
      const request = { org, actor: 'user:boss', provenance: {} }
      await act(open.directory.ground, request, (draft) => endErrand(draft, id))
      done.told(`${org === other ? 'other' : 'many'} ${id}`)
    })
    await errands.start()
    await commit((draft) => {
      for (let at = 0; at < 60; at++) leaveErrand(draft, `ask/${at}`, {}, now + 1_000)
    })
    await act(open.directory.ground, { org: other, actor: 'user:boss', provenance: {} }, (draft) => {
      for (let at = 0; at < 3; at++) leaveErrand(draft, `ask/${at}`, {}, now + 2_000)
      leaveErrand(draft, 'ask/late', {}, now + 9_000)
    })
    now += 5_000
    await leave('ask/60', {}, now)
    const order = await done.are(64)
    const others = order.flatMap((each, at) => (each.startsWith('other') ? [at] : []))
    expect(others).toHaveLength(3)
    expect(Math.max(...others)).toBeLessThan(12)
    expect(new Set(order).size).toBe(64)
    now += 5_000
    await leave('ask/61', {}, now)
    expect([...(await done.are(66))].slice(64).sort()).toEqual(['many ask/61', 'other ask/late'])
  })

  test.for(['other', 'long'])(
    'an organization with long runs gives one of its places to another as soon as that waits, with %s, and goes on later',
    async (kind) => {
      await begin()
      const { id: other } = await open.directory.organization('sharing')
      const failures: unknown[] = []
      const errands = runner({ onFailure: (_, failure) => failures.push(failure) })
      const begun = calls<string>()
      const cut: string[] = []
      let finish = () => {}
      const finished = new Promise<void>((resolve) => {
        finish = resolve
      })
      const long = async ({ org, id }: { org: string; id: string }, signal: AbortSignal) => {
        begun.told(`${org === other ? 'other' : 'many'} ${id}`)
        const told = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        await Promise.race([told, finished])
        if (signal.aborted) cut.push(id)
        signal.throwIfAborted()
        await act(open.directory.ground, { org, actor: 'user:boss', provenance: {} }, (draft) =>
          endErrand(draft, id),
        )
      }
      errands.handle('long', long)
      errands.handle('other', long)
      await errands.start()
      await commit((draft) => {
        for (let at = 0; at < 6; at++) leaveErrand(draft, `long/${at}`, {})
      })
      expect(await begun.are(4)).toEqual([0, 1, 2, 3].map((at) => `many long/${at}`))
      await act(open.directory.ground, { org: other, actor: 'user:boss', provenance: {} }, (draft) => {
        for (let at = 0; at < 2; at++) leaveErrand(draft, `${kind}/${at}`, {})
      })
      // It has one place then, and no other has none: nobody else gives way.
      expect((await begun.are(5)).slice(4)).toEqual([`other ${kind}/0`])
      expect(cut).toEqual(['long/3'])
      finish()
      const order = await begun.are(9)
      expect([...order].slice(5).sort()).toEqual([
        'many long/3',
        'many long/4',
        'many long/5',
        `other ${kind}/1`,
      ])
      await errands.settled()
      expect(cut).toHaveLength(1)
      expect(failures).toEqual([])
    },
  )

  test('whoever has no place comes before whoever has one, whatever kind they wait with', async () => {
    await begin()
    const { id: other } = await open.directory.organization('sharing')
    const done = calls<string>()
    const errands = runner()
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const kind of kinds) {
      errands.handle(kind, async ({ org, id }) => {
        done.told(`${org === other ? 'other' : 'many'} ${id}`)
        await act(open.directory.ground, { org, actor: 'user:boss', provenance: {} }, (draft) =>
          endErrand(draft, id),
        )
      })
    }
    await commit((draft) => {
      for (const kind of kinds) for (let at = 0; at < 9; at++) leaveErrand(draft, `${kind}/${at}`, {})
    })
    await act(open.directory.ground, { org: other, actor: 'user:boss', provenance: {} }, (draft) =>
      leaveErrand(draft, 'f/x', {}),
    )
    await errands.start()
    expect((await done.are(55)).indexOf('other f/x')).toBeLessThan(2)
  })

  test('what is not to be done again goes on to its end, whoever waits', async () => {
    await begin()
    const { id: other } = await open.directory.organization('sharing')
    const begun = calls<string>()
    const ends: (() => void)[] = []
    const signals: AbortSignal[] = []
    const errands = runner()
    errands.handle(
      'letter',
      async ({ org, id }, signal) => {
        signals.push(signal)
        begun.told(`${org === other ? 'other' : 'many'} ${id}`)
        await new Promise<void>((resolve) => ends.push(resolve))
        await act(open.directory.ground, { org, actor: 'user:boss', provenance: {} }, (draft) =>
          endErrand(draft, id),
        )
      },
      { isWhole: true },
    )
    await errands.start()
    await commit((draft) => {
      for (let at = 0; at < 5; at++) leaveErrand(draft, `letter/${at}`, {})
    })
    await begun.are(4)
    await act(open.directory.ground, { org: other, actor: 'user:boss', provenance: {} }, (draft) =>
      leaveErrand(draft, 'letter/x', {}),
    )
    expect(signals.some(({ aborted }) => aborted)).toBe(false)
    ends[0]?.()
    expect((await begun.are(5)).at(-1)).toBe('other letter/x')
    for (const end of ends) end()
    await begun.are(6)
    ends.at(-1)?.()
    await errands.settled()
    expect(signals.some(({ aborted }) => aborted)).toBe(false)
  })

  test('nobody gives way to whom it leaves no room: as many of their kind run as may', async () => {
    await begin()
    const orgs = [open.org]
    for (let at = 0; at < 4; at++) orgs.push((await open.directory.organization('sharing')).id)
    const leaveAt = (at: number, id: string) => {
      const request = { org: orgs[at] ?? '', actor: 'user:boss', provenance: {} }
      return act(open.directory.ground, request, (draft) => leaveErrand(draft, id, {}))
    }
    const begun = calls<string>()
    const ends = new Map<string, () => void>()
    const cut: string[] = []
    const run = async ({ org, id }: { org: string; id: string }, signal: AbortSignal) => {
      const ended = new Promise<void>((resolve) => {
        ends.set(id, resolve)
        signal.addEventListener('abort', () => resolve())
      })
      begun.told(`${orgs.indexOf(org)} ${id}`)
      await ended
      if (signal.aborted) cut.push(id)
      signal.throwIfAborted()
      await act(open.directory.ground, { org, actor: 'user:boss', provenance: {} }, (draft) =>
        endErrand(draft, id),
      )
    }
    const errands = runner()
    errands.handle('long', run)
    errands.handle('letter', run, { most: 2 })
    await errands.start()
    await leaveAt(1, 'letter/b')
    await leaveAt(2, 'letter/c')
    await leaveAt(0, 'long/0')
    await leaveAt(0, 'long/1')
    await begun.are(4)
    for (let at = 0; at < 20; at++) await leaveAt(3, `letter/d${at}`)
    expect(cut).toEqual([])
    // Somebody who would have room is given it.
    await leaveAt(4, 'long/e')
    expect((await begun.are(5)).at(-1)).toBe('4 long/e')
    expect(cut).toEqual(['long/1'])
    ends.get('letter/b')?.()
    expect((await begun.are(6)).at(-1)).toBe('3 letter/d0')
  })

  test('what is taken back by the thousand leaves those that wait as they are', async () => {
    await begin()
    let now = Date.now()
    const done = calls<string>()
    const errands = runner({ now: () => now })
    errands.handle('greet', async ({ id }) => {
      done.told(id)
      await commit((draft) => endErrand(draft, id))
    })
    await errands.start()
    const ids = Array.from({ length: 1200 }, (_, at) => `greet/${at}`)
    await leave('greet/stays', {}, now + 1_000)
    await commit((draft) => {
      for (const id of ids) leaveErrand(draft, id, {}, now + 500)
    })
    await commit((draft) => {
      for (const id of ids) endErrand(draft, id)
    })
    now += 1_000
    await leave('greet/now', {}, now)
    expect([...(await done.are(2))].sort()).toEqual(['greet/now', 'greet/stays'])
    await errands.settled()
    expect(done.seen).toHaveLength(2)
  })

  test('what is put again while it runs is run again, with what it says then', async () => {
    await begin()
    const done = calls<number>()
    const errands = runner()
    errands.handle('count', async ({ id, attributes }) => {
      const n = Number(attributes.n)
      await commit((draft) => (n === 3 ? endErrand(draft, id) : leaveErrand(draft, id, { n: n + 1 })))
      done.told(n)
    })
    await errands.start()
    await leave('count/1', { n: 1 })
    expect(await done.are(3)).toEqual([1, 2, 3])
  })

  test('stopping tells those that run, waits for them and begins nothing more', async () => {
    await begin()
    const done = calls<string>()
    const errands = runner()
    let isOver = false
    errands.handle('greet', async ({ id }, signal) => {
      done.told(id)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      isOver = true
    })
    await errands.start()
    await leave('greet/1')
    await done.are(1)
    await errands.stop()
    expect(isOver).toBe(true)
    await leave('greet/2')
    expect(done.seen).toEqual(['greet/1'])
  })

  test('the organization goes, and its errands with it', async () => {
    await begin()
    let now = Date.now()
    const done = calls<string>()
    const errands = runner({ now: () => now })
    errands.handle('greet', async ({ id }) => done.told(id))
    await errands.start()
    await leave('greet/1', {}, now + 1000)
    await open.directory.ask('DELETE', `/v1/orgs/${open.org}`)
    now += 1000
    const { id: other } = await open.directory.organization('sharing')
    await act(open.directory.ground, { org: other, actor: 'user:boss', provenance: {} }, (draft) =>
      leaveErrand(draft, 'greet/2', {}, now),
    )
    expect((await done.are(1))[0]).toBe('greet/2')
  })
})
