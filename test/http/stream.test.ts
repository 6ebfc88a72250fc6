/** Streams in and out: lines, their bounds, faults before and after the first, clients that go away. */
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Scopes } from '../../src/callers/scopes.ts'
import { Admission } from '../../src/http/admission/admission.ts'
import { createApp } from '../../src/http/app.ts'
import { linesOf, lineText, pagesOf } from '../../src/http/lines.ts'
import { listen } from '../../src/http/listen.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { Kith } from '../../src/service/kith.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { openRing, operator } from '../callers/ring.ts'
import { ask } from './ask.ts'
import { fake, modelId, storeId, zookie } from './fake.ts'

const s = `/stores/${storeId}`
const v1 = `/v1/stores/${storeId}`
const question = { type: 'document', relation: 'viewer', user: 'user:anne' }
const line = (user: string) => JSON.stringify({ user, relation: 'viewer', object: 'document:1' })
const tuple = (subject: string) => ({ object: 'document:1', relation: 'viewer', subject })

describe('lines', () => {
  const split = (text: string, size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      Buffer.from(text.slice(i * size, (i + 1) * size)),
    )

  test.each([1, 2, 3, 5, 1000])('are the same in chunks of %i', async (size) => {
    const found: string[] = []
    for await (const page of linesOf(from(split('ab\r\n\ncd\nef', size)), lineText)) found.push(...page)
    expect(found).toEqual(['ab', '', 'cd', 'ef'])
  })

  test('what came before a bad one is given out first', async () => {
    const found: string[] = []
    const read = (bytes: Buffer, start: number, end: number): string => {
      if (end === start) throw new Fault('validation_error', 'empty')
      return lineText(bytes, start, end)
    }
    const reading = (async () => {
      for await (const page of linesOf(from([Buffer.from('a\nb\n\nc\n')]), read)) found.push(...page)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'validation_error', line: 3 })
    expect(found).toEqual(['a', 'b'])
  })

  test.each<[string, string]>([
    ['a last one without its end', `${'x'.repeat(256 * 1024 + 1)}`],
    ['one with its end', `${'x'.repeat(256 * 1024 + 1)}\n`],
  ])('too long: %s', async (_, text) => {
    const reading = (async () => {
      for await (const page of linesOf(from(split(`ok\n${text}`, 65_536)), lineText))
        expect(page).toEqual(['ok'])
    })()
    await expect(reading).rejects.toMatchObject({ code: 'resource_exhausted', line: 2 })
  })
})

const streaming = (objects: AsyncIterable<string>): Partial<Kith> => ({
  streamListObjects: async () => ({ zookie, model: modelId, objects, pages: pagesOf(objects, 1) }),
})

describe('streamed-list-objects', () => {
  test('a fault before the first object is an answer', async () => {
    const app = createApp(fake(streaming(failing([], new Fault('validation_error', 'bad')))).kith)
    const { status, body } = await ask(app, `${s}/streamed-list-objects`, { body: question })
    expect([status, body]).toEqual([400, { code: 'validation_error', message: 'bad' }])
  })

  test.each<[string, Error, object]>([
    ['of the request', new Fault('validation_error', 'bad'), { code: 3, message: 'bad', details: [] }],
    ['of ours', new Error('secret'), { code: 13, message: 'Internal Server Error', details: [] }],
  ])('a fault after it, %s, is a last line', async (_, thrown, error) => {
    const app = createApp(fake(streaming(failing(['document:1'], thrown))).kith)
    const { status, body, headers } = await ask(app, `${s}/streamed-list-objects`, { body: question })
    expect([status, body]).toEqual([200, [{ result: { object: 'document:1' } }, { error }]])
    expect(headers.get('Openfga-Authorization-Model-Id')).toBe(modelId)
  })

  test('a reader that goes away ends the search, and nothing is found ahead of it', async () => {
    let found = 0
    let ended = false
    async function* endless() {
      try {
        for (;;) yield `document:${found++}`
      } finally {
        ended = true
      }
    }
    const app = createApp(fake(streaming(endless())).kith)
    const response = await app.request(`${s}/streamed-list-objects`, {
      method: 'POST',
      body: JSON.stringify(question),
    })
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(ended).toBe(true)
    expect(found).toBeLessThan(10)
  })
})

describe('over a socket', () => {
  /** All that a server says to a request of this version, which it ends the connection after. */
  async function said(version: string, app: ReturnType<typeof createApp>): Promise<string> {
    const listening = await listen(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(() => listening.close(1_000))
    const { hostname, port } = new URL(listening.address)
    const socket = connect(Number(port), hostname)
    const body = JSON.stringify(question)
    const head = `POST ${s}/streamed-list-objects HTTP/${version}\r\nHost: kith\r\nConnection: close\r\n`
    socket.write(`${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    let text = ''
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk)
    return text
  }
  const listing = (...names: string[]) => streaming(from(names))

  test.each([[[1]], [[1, 2]]])(
    'lines leave as they are found, nothing waits for the end: %j',
    async (ids) => {
      const names = ids.map((id) => `document:${id}`)
      const text = await said('1.1', createApp(fake(listing(...names)).kith))
      expect(text).toMatch(/\r\nTransfer-Encoding: chunked\r\n/i)
      expect(text).not.toMatch(/\r\nContent-Length:/i)
      const line = (id: number) => `{"result":{"object":"document:${id}"}}\n`
      const chunk = (id: number) => `${line(id).length.toString(16)}\r\n${line(id)}\r\n`
      expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(`${ids.map(chunk).join('')}0\r\n\r\n`)
    },
  )

  test('who knows no chunks gets none', async () => {
    const text = await said('1.0', createApp(fake(listing('document:1')).kith))
    expect(text).not.toMatch(/\r\nTransfer-Encoding:/i)
    expect(text.endsWith('\r\n\r\n{"result":{"object":"document:1"}}\n')).toBe(true)
  })
})

test('names are escaped as JSON has it', async () => {
  const names = ['document:"', 'document:\\', 'document:\u{1f600}é', 'document:\u007f']
  const app = createApp(fake(streaming(from(names))).kith)
  const { body } = await ask(app, `${s}/streamed-list-objects`, { body: question })
  expect(body).toEqual(names.map((object) => ({ result: { object } })))
})

test('a search that outlives the deadline is ended, though nobody reads it', async () => {
  let release: () => void = () => {}
  const slow = new Promise<void>((resolve) => {
    release = resolve
  })
  const ended = new Promise<void>((resolve) => {
    async function* objects() {
      try {
        await slow
        for (;;) yield 'document:1'
      } finally {
        resolve()
      }
    }
    const pages = pagesOf(objects(), 1)
    const { kith } = fake({
      streamListObjects: async () => ({ zookie, model: modelId, objects: objects(), pages }),
    })
    const app = createApp(kith, { requestTimeoutMs: 1 })
    void ask(app, `${s}/streamed-list-objects`, { body: question }).then(({ status }) => {
      expect(status).toBe(500)
      release()
    })
  })
  await ended
})

describe('export', () => {
  test('a fault on the way is a last line', async () => {
    const app = createApp(
      fake({
        exportTuples: async () => ({
          zookie,
          tuples: failing(
            [{ ...tuple('user:anne'), timestamp: 0, revision: 1 }],
            new Fault('unavailable', 'gone'),
          ),
        }),
      }).kith,
    )
    const { status, body, headers } = await ask(app, `${v1}/export`)
    expect([status, body]).toEqual([
      200,
      [
        { user: 'user:anne', relation: 'viewer', object: 'document:1' },
        { error: { code: 'unavailable', message: 'gone' } },
      ],
    ])
    expect(headers.get('Kith-Zookie')).toBe(zookie)
  })
})

describe('what is bulk holds its place for as long as it lasts', () => {
  /** An app with a place taken by what `path` answers, and whether the storage's state is held yet. */
  async function asked(path: string, method = 'GET') {
    const turns: (() => void)[] = []
    const time = {
      now: () => performance.now(),
      after: () => () => {},
      turn: (tick: () => void) => void turns.push(tick),
    }
    const options = { listsMax: 1, ratePerSecond: 0, watchesMax: 100, bodyBytesMax: 1_000 }
    const admission = new Admission(options, time)
    onTestFinished(() => admission.close())
    const held = { is: false }
    async function* lasting<Item>(items: readonly Item[]): AsyncGenerator<Item, undefined> {
      held.is = true
      try {
        yield* items
      } finally {
        held.is = false
      }
      return undefined
    }
    const stored = { ...tuple('user:anne'), timestamp: 0, revision: 1 }
    const { kith } = fake({
      exportTuples: async () => ({ zookie, tuples: lasting(Array.from({ length: 1_000 }, () => stored)) }),
      backup: async () => lasting([Buffer.from('one'), Buffer.from('two'), Buffer.from('three')]),
    })
    const response = await createApp(kith, { admission }).request(path, { method })
    const now = () => {
      // A place is held to the end of its turn.
      for (const tick of turns.splice(0)) tick()
      return { places: admission.lines.bulk, held: held.is }
    }
    return { response, now }
  }

  describe.each([[`${v1}/export`], ['/v1/backup']])('%s', (path) => {
    test('read to its end', async () => {
      const { response, now } = await asked(path)
      expect(now()).toEqual({ places: 1, held: true })
      await response.arrayBuffer()
      expect(now()).toEqual({ places: 0, held: false })
    })

    test('left by its reader', async () => {
      const { response, now } = await asked(path)
      expect(now()).toEqual({ places: 1, held: true })
      await response.body?.cancel()
      expect(now()).toEqual({ places: 0, held: false })
    })

    test('asked for its head alone', async () => {
      const { response, now } = await asked(path, 'HEAD')
      expect([response.status, response.body]).toEqual([200, null])
      await expect.poll(now).toEqual({ places: 0, held: false })
    })
  })
})

describe('import', () => {
  /** Commits every two tuples, as the service does every few thousand. */
  const importing = (taken: Tuple[]): Partial<Kith> => ({
    async importTuples(_request, tuples, progress) {
      for await (const some of tuples) {
        for (const each of [some].flat()) {
          taken.push(each)
          if (taken.length % 2 === 0) progress?.({ written: taken.length, skipped: 0 })
        }
      }
      return { zookie, model: modelId, written: taken.length, skipped: 0 }
    },
  })
  const post = (kith: Partial<Kith>, body: string, query = '') => {
    const { kith: asked, calls } = fake(kith)
    return ask(createApp(asked), `${v1}/import${query}`, { body }).then((answer) => ({ ...answer, calls }))
  }

  test('answers progress, then done', async () => {
    const taken: Tuple[] = []
    const { status, body, calls } = await post(
      importing(taken),
      `${line('user:a')}\n${line('user:b')}\n${JSON.stringify({ ...JSON.parse(line('user:c')), condition: { name: 'recent', context: { a: 1 } }, expires_at: '1970-01-01T00:00:01Z' })}\n`,
      `?authorization_model_id=${modelId}&on_duplicate=update`,
    )
    expect([status, body]).toEqual([
      200,
      [
        { written: 2, skipped: 0 },
        { done: true, written: 3, skipped: 0, zookie },
      ],
    ])
    expect(taken).toStrictEqual([
      tuple('user:a'),
      tuple('user:b'),
      { ...tuple('user:c'), condition: { name: 'recent', context: { a: 1 } }, expiresAt: 1000 },
    ])
    expect(calls[0]?.[1]).toStrictEqual({
      store: storeId,
      model: modelId,
      onDuplicate: 'update',
      provenance: { source: 'import', requestId: expect.any(String) },
    })
  })

  test('a key that is revoked on the way writes no more', async () => {
    const ring = await openRing()
    const { info, key } = await ring.keys.create({ name: 'late', scopes: Scopes.of(['write']) }, operator)
    const taken: Tuple[] = []
    const app = createApp(fake(importing(taken)).kith, { gate: ring.gate })
    const steps = [
      async () => Buffer.from(`${line('user:a')}\n`),
      async () => {
        await ring.keys.revoke(info.id, operator)
        return Buffer.from(`${line('user:b')}\n`)
      },
    ]
    const body = new ReadableStream(
      {
        async pull(controller) {
          const step = steps.shift()
          if (step === undefined) controller.close()
          else controller.enqueue(await step())
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { Authorization: `Bearer ${key}` }
    const request = { method: 'POST', body, duplex: 'half', headers } as RequestInit
    const answer = await app.request(new Request(`http://kith${v1}/import`, request))
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'unauthenticated' }])
    expect(taken).toEqual([tuple('user:a')])
  })

  test('of nothing is done at once', async () => {
    const { body } = await post(importing([]), '')
    expect(body).toEqual([{ done: true, written: 0, skipped: 0, zookie }])
  })

  test.each<[string, string, object]>([
    ['no JSON', 'hello', { code: 'validation_error', message: 'malformed JSON', line: 1 }],
    [
      'an empty line',
      `\n${line('user:a')}`,
      { code: 'validation_error', message: 'malformed JSON', line: 1 },
    ],
    [
      'a list',
      '[]',
      { code: 'validation_error', message: 'invalid value for message field line: an array', line: 1 },
    ],
  ])('a bad first line is an answer: %s', async (_, body, problem) => {
    const answer = await post(importing([]), body)
    expect([answer.status, answer.body]).toEqual([400, problem])
  })

  test('a bad line later is a last line that says which', async () => {
    const lines = [line('user:a'), line('user:b'), line('user:c'), '{"user":7}']
    const { status, body } = await post(importing([]), lines.join('\n'))
    expect([status, body]).toEqual([
      200,
      [
        { written: 2, skipped: 0 },
        { error: { code: 'validation_error', message: 'invalid value for string field user: 7', line: 4 } },
      ],
    ])
  })

  test('a line that the service refuses keeps its number; a bug says nothing', async () => {
    const refusing = (thrown: Error): Partial<Kith> => ({
      async importTuples(_request, _tuples, progress) {
        progress?.({ written: 1, skipped: 0 })
        throw thrown
      },
    })
    const refused = await post(refusing(new Fault('validation_error', 'line 17: no such type')), '')
    expect(refused.body).toEqual([
      { written: 1, skipped: 0 },
      { error: { code: 'validation_error', message: 'line 17: no such type', line: 17 } },
    ])
    const bug = await post(refusing(new Error('secret')), '')
    expect(bug.body).toEqual([
      { written: 1, skipped: 0 },
      { error: { code: 'internal_error', message: 'Internal Server Error' } },
    ])
  })

  test('an unknown store is an answer', async () => {
    const { status, body } = await post(
      {
        async importTuples() {
          throw new Fault('store_id_not_found', 'Store ID not found')
        },
      },
      line('user:a'),
    )
    expect([status, body]).toEqual([404, { code: 'store_id_not_found', message: 'Store ID not found' }])
  })
})

async function* from<Item>(items: readonly Item[]) {
  yield* items
}

async function* failing<Item>(items: readonly Item[], thrown: Error): AsyncGenerator<Item> {
  yield* items
  throw thrown
}
