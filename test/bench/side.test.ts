/** Servers that take turns: while one is measured the others are left alone, and what is told of each is its own. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Lane } from '../../bench/load/lane.ts'
import type { Request } from '../../bench/load/requests.ts'
import { unjudged } from '../../bench/load/requests.ts'
import { Side } from '../../bench/load/side.ts'

const right = '{"allowed":true}'

/** Tells what it was asked, by the last part of the path; answers each with the same. */
async function served(answer = (response: ServerResponse) => void response.end(right)) {
  const asked: string[] = []
  const heard: (() => void)[] = []
  let connections = 0
  const server = createServer((request, response) => {
    if (request.url === '/v1/debug') return void response.writeHead(404).end()
    asked.push(request.url ?? '')
    request.resume().on('end', () => answer(response))
    heard.shift()?.()
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    asked,
    server,
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    /** Resolves when the next request is there. */
    next: () => new Promise<void>((resolve) => heard.push(resolve)),
  }
}

const numbered = (turn: number): Request => ({
  bytes: Buffer.from(`POST /${turn} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`),
  verb: 'check',
  checks: 2,
  judge: (bytes, from, to) => bytes.toString('utf8', from, to) === right,
})
const requests = [0, 1, 2].map(numbered)
const ignored = { took: () => {}, failed: () => {} }

test('a lane rests once its answer is in, and goes on with the next request over the same connection', async () => {
  const { asked, port, connections, next } = await served()
  const lane = new Lane(requests, ignored)
  const first = next()
  lane.start('127.0.0.1', port)
  await first
  for (let turn = 0; turn < 5; turn++) {
    await lane.rest()
    const seen = asked.length
    await lane.rest()
    expect(asked.length).toBe(seen)
    const another = next()
    lane.go()
    lane.go()
    await another
  }
  await lane.rest()
  await lane.stop()
  await lane.done
  expect(asked).toEqual(asked.map((_, turn) => `/${turn % 3}`))
  expect(connections()).toBe(1)
})

test('a connection that is lost while it rests is counted, and nothing waits for it', async () => {
  const { port, server, next } = await served()
  const failed: string[] = []
  const lane = new Lane(requests, { ...ignored, failed: (kind) => failed.push(kind) })
  const first = next()
  lane.start('127.0.0.1', port)
  await first
  await lane.rest()
  server.closeAllConnections()
  await lane.done
  lane.go()
  await lane.rest()
  await lane.stop()
  expect(failed).toEqual(['connection'])
})

const sideOf = (port: number, judged = true) => {
  const about = { scenario: '', profile: 'check', requests: 3, warmRequests: 0, judged } as const
  const served = { ...about, url: `http://127.0.0.1:${port}`, pid: process.pid, store: '' }
  return new Side(
    served,
    [requests, requests].map((own) => (judged ? own : unjudged(own))),
  )
}

test('all is asked for once, whatever is measured later', async () => {
  const { asked, port } = await served()
  const side = sideOf(port)
  await side.askOnce([requests, requests])
  expect(asked.toSorted()).toEqual(['/0', '/0', '/1', '/1', '/2', '/2'])
  await side.warm(0.01)
  expect(side.answered).toBe(asked.length - 6)
})

test('windows count what was answered in them, four of them make a tail, and nothing is asked between', async () => {
  const { asked, port } = await served()
  const side = sideOf(port)
  await side.warm(0.01)
  expect(side.answered).toBe(asked.length)
  await side.begin()
  for (let window = 0; window < 9; window++) {
    await side.measure(0.02)
    const seen = asked.length
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked.length).toBe(seen)
  }
  const load = await side.load()
  expect(load).toMatchObject({ nonOk: 0, wrong: 0, lost: 0 })
  expect(load.requests).toBeLessThan(asked.length - side.answered)
  expect(load.checksPerSecond / load.requestsPerSecond).toBeCloseTo(2, 1)
  expect(load.windows).toHaveLength(9)
  expect(load.tails).toHaveLength(2)
  const between = (low: number, value: number, high: number) => low <= value && value <= high
  const rates = load.windows.map(({ requestsPerSecond }) => requestsPerSecond).sort((a, b) => a - b)
  expect(between((rates[0] ?? 0) - 1, load.requestsPerSecond, (rates[8] ?? 0) + 1)).toBe(true)
  for (const { p50, p99 } of load.tails) expect(between(0, p50, p99)).toBe(true)
})

test.each([
  ['of a server that knows', true, { wrong: expect.any(Number) as number, nonOk: 0 }, 1],
  ['but not of the floor', false, { wrong: 0, nonOk: 0 }, 0],
] as const)('wrong answers are counted %s', async (_, judged, expected, least) => {
  const { port } = await served((response) => void response.end('{"allowed":false}'))
  const side = sideOf(port, judged)
  await side.measure(0.02)
  const load = await side.load()
  expect(load).toMatchObject(expected)
  expect(load.wrong).toBeGreaterThanOrEqual(least)
})

test('a refusal is counted while warming too', async () => {
  const { port } = await served((response) => void response.writeHead(503).end(right))
  const side = sideOf(port)
  await side.warm(0.02)
  expect((await side.load()).nonOk).toBeGreaterThan(0)
})
