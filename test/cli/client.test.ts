/** The client against servers that misbehave: a cut answer, somebody else's answer, silence. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { listIn, partIn } from '../../src/cli/answer.ts'
import { Client, linesOf } from '../../src/cli/client.ts'

async function clientOf(listener: RequestListener, timeoutMs = 600_000): Promise<Client> {
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return new Client({ url: `http://127.0.0.1:${port}/base/`, token: 'secret', timeoutMs })
}

test('says who is calling, below the path of the URL', async () => {
  const client = await clientOf((request, response) => {
    response.end(JSON.stringify({ path: request.url, authorization: request.headers.authorization }))
  })
  expect(await client.get('/stores', { name: 'a b', cursor: undefined })).toEqual({
    path: '/base/stores?name=a+b',
    authorization: 'Bearer secret',
  })
})

test('a refusal is told by its code', async () => {
  const client = await clientOf((_request, response) => {
    response.writeHead(404).end('{"code":"store_id_not_found","message":"Store ID not found"}')
  })
  await expect(client.get('/')).rejects.toThrow('store_id_not_found: Store ID not found (HTTP 404)')
})

test('a proxy answers instead', async () => {
  const client = await clientOf((request, response) => {
    response.writeHead(request.method === 'GET' ? 502 : 200).end('<html>')
  })
  await expect(client.get('/')).rejects.toThrow('the answer was HTTP 502, without a reason')
  await expect(client.post('/', {})).rejects.toThrow('the answer is not JSON')
})

test('something else than Kith answers: what is missing is named', async () => {
  const list = await clientOf((_request, response) => response.end('[]'))
  await expect(list.get('/')).rejects.toThrow('the answer is no JSON object')
  expect(() => listIn({ tuples: {} }, 'tuples')).toThrow('the answer has no `tuples`')
  expect(() => partIn({ tree: null }, 'tree')).toThrow('the answer has no `tree`')
  expect(listIn({ tuples: [] }, 'tuples')).toEqual([])
})

test('a list that is cut is no list', async () => {
  const client = await clientOf((_request, response) => {
    response.write('{"result":1}\n', () => response.destroy())
  })
  const lines: string[] = []
  const read = async (): Promise<void> => {
    for await (const line of linesOf(await client.open('GET', '/'))) lines.push(line)
  }
  await expect(read()).rejects.toThrow('the connection ended before the answer did')
  expect(lines).toEqual(['{"result":1}'])
})

test('silence is given up', async () => {
  const client = await clientOf(() => {}, 50)
  await expect(client.get('/')).rejects.toThrow('no answer from http://127.0.0.1')
})

test('an answer that comes before the body has left is told, and the rest of the body is dropped', async () => {
  const client = await clientOf((_request, response) => {
    response.writeHead(400, { connection: 'close' }).end('{"code":"validation_error","message":"line 1: no"}')
  })
  const endless = Readable.from(
    (function* () {
      for (;;) yield 'x'.repeat(65_536)
    })(),
  )
  onTestFinished(() => void endless.destroy())
  const sent = client.json('POST', '/', { body: endless, contentType: 'application/x-ndjson' })
  await expect(sent).rejects.toThrow('validation_error: line 1: no (HTTP 400)')
})
