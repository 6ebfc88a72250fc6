/**
 * The floor: node:http that parses the JSON body and answers JSON of a check's or a batch's size. What a server in
 * JavaScript could reach that did nothing. It knows nothing; its answers are not judged.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Body {
  readonly checks?: readonly { readonly correlation_id: string }[]
  readonly writes?: object
}

function answerTo(body: Body): object {
  if (body.checks === undefined) return body.writes === undefined ? { allowed: true, resolution: '' } : {}
  return { result: Object.fromEntries(body.checks.map((item) => [item.correlation_id, { allowed: true }])) }
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(404).end()
    return
  }
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    text += chunk
  })
  request.on('end', () => {
    const answer = JSON.stringify(answerTo(JSON.parse(text) as Body))
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    })
    response.end(answer)
  })
})
// Where others take turns with it, its callers rest meanwhile.
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  console.log(`floor on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})
