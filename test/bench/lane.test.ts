/** The load generator sees what is wrong: answers, statuses, lost connections; and reads an answer however it comes. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { AnswerReader } from '../../bench/load/answer.ts'
import { Lane } from '../../bench/load/lane.ts'
import type { Request } from '../../bench/load/requests.ts'
import { requestsOf } from '../../bench/load/requests.ts'
import { smallOrganization } from '../../bench/scenarios/enterprise.ts'

type Answer = (response: ServerResponse) => void

/** What a lane saw of so many answers, all alike, to a check that is an allow. */
async function seen(answer: Answer, wanted = 5): Promise<Record<string, number>> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const counts: Record<string, number> = { took: 0, status: 0, answer: 0, connection: 0 }
  return new Promise((resolve) => {
    const done = () => {
      if ((counts.took ?? 0) >= wanted || (counts.connection ?? 0) > 0)
        void lane.stop().then(() => resolve(counts))
    }
    const lane = new Lane([allow()], {
      took: (nanoseconds) => {
        expect(nanoseconds).toBeGreaterThan(0)
        counts.took = (counts.took ?? 0) + 1
        done()
      },
      failed: (kind) => {
        counts[kind] = (counts[kind] ?? 0) + 1
        done()
      },
    })
    lane.start('127.0.0.1', port)
  })
}

function allow(): Request {
  const target = { host: '127.0.0.1', store: '01J00000000000000000000000' }
  const asked = {
    scenario: smallOrganization,
    scale: 'small',
    profile: 'check',
    lane: 0,
    count: 100,
  } as const
  const found = requestsOf(target, asked).find(({ judge }) =>
    judge(Buffer.from('{"allowed":true,"resolution":""}')),
  )
  if (found === undefined) throw new Error('no allow among a hundred')
  return found
}

const say =
  (status: number, body: string): Answer =>
  (response) => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
  }
const right = '{"allowed":true,"resolution":""}'

test('an answer is read wherever its length stands, whole or not, with or without one', () => {
  const answers = new AnswerReader()
  const read = (text: string) => {
    // What was read before is still in the memory behind it.
    const memory = Buffer.from(`${text}${kept}`)
    if (!answers.read(memory, text.length)) return undefined
    return answers.bytes.toString('utf8', answers.from, answers.to)
  }
  const ok = 'HTTP/1.1 200 OK\r\n'
  const kept = `${ok}Content-Length: 12\r\nDate: now\r\n\r\n{"a":"b\\r\\n"}`
  for (const [text, body] of [
    [kept, '{"a":"b\\r\\n"'],
    [`${ok}Content-Length: 2\r\nDate: now\r\n\r\n{}`, '{}'],
    [`${ok}Content-Length: 12\r\nDate: now\r\n\r\n{"a":`, undefined],
    [`${ok}Content-Length: 1`, undefined],
    [`${ok}a: b\r\nCONTENT-LENGTH:3\r\n\r\n{ }`, '{ }'],
    [`${ok}a: b\r\nCONTENT-LENGTH:3\r\n\r\n[ ]`, '[ ]'],
    [`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`, '{}'],
    [`${ok}Content-Length: 0\r\n\r\n`, ''],
    [kept, '{"a":"b\\r\\n"'],
  ] as const) {
    expect(read(text)).toBe(body)
  }
})

test.each<[string, Answer, Record<string, number>]>([
  ['right', say(200, right), { status: 0, answer: 0, connection: 0 }],
  ['wrong', say(200, '{"allowed":false,"resolution":""}'), { status: 0, connection: 0 }],
  ['refused', say(503, right), { answer: 0, connection: 0 }],
  [
    'in chunks',
    (response) => {
      response.write('{"allowed":')
      response.end('true}')
    },
    { status: 0, answer: 0 },
  ],
  [
    'in two packets',
    (response) => {
      response.writeHead(200, { 'content-length': right.length }).write(right.slice(0, 9))
      setImmediate(() => response.end(right.slice(9)))
    },
    { status: 0, answer: 0, connection: 0 },
  ],
  [
    'with a head that is never like the last one',
    (response) => {
      const more = 'x'.repeat(1 + Math.floor(Math.random() * 20))
      response.writeHead(200, { 'x-more': more, 'content-length': right.length }).end(right)
    },
    { status: 0, answer: 0, connection: 0 },
  ],
  ['none: hung up', (response) => void response.socket?.destroy(), { took: 0, connection: 1 }],
])('%s', async (_, answer, expected) => {
  expect(await seen(answer)).toMatchObject(expected)
})

test('every wrong answer and every refusal is counted', async () => {
  const wrong = await seen(say(200, '{"allowed":false}'))
  expect(wrong.answer).toBeGreaterThanOrEqual(4)
  const refused = await seen(say(500, right))
  expect(refused.status).toBeGreaterThanOrEqual(4)
})

test('batches, lists and writes are judged by their answers', () => {
  const target = { host: '127.0.0.1', store: '01J00000000000000000000000' }
  const made = (profile: 'batch' | 'mix' | 'write') =>
    requestsOf(target, { scenario: smallOrganization, scale: 'small', profile, lane: 0, count: 100 })
  const [batch] = made('batch')
  expect(batch?.checks).toBe(50)
  expect(batch?.judge(Buffer.from('{"result":{"c0":{"allowed":true}}}'))).toBe(false)
  const [write] = made('write')
  expect(write?.judge(Buffer.from('{}'))).toBe(true)
  expect(write?.judge(Buffer.from('{"code":"x"}'))).toBe(false)
  const lists = made('mix').filter(({ bytes }) => bytes.includes('/list-objects'))
  expect(lists).toHaveLength(8)
  expect(lists[0]?.judge(Buffer.from('{"objects":["agent:none"]}'))).toBe(false)
})
