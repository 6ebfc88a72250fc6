/** Who says that a request is its last is answered whole, whatever it sends behind that; on raw sockets, in the clear and in TLS. */
import { readFileSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { Certificates } from '../../src/http/certificates.ts'
import { Lane } from '../../src/http/lane/lane.ts'
import { listen } from '../../src/http/listen.ts'
import { fake, modelId, storeId, zookie } from './fake.ts'
import { farEndOf, hasClosed, hasRead } from './far-end.ts'

const pem = (name: string) => resolve(import.meta.dirname, 'tls', name)

/** Answers checks once it is told to, denying what is named so. */
async function serve({ isFast = true, isSafe = false } = {}) {
  let isAsked = () => {}
  let answer = () => {}
  const asked = new Promise<void>((done) => {
    isAsked = done
  })
  const told = new Promise<void>((done) => {
    answer = done
  })
  const { kith } = fake({
    check: async ({ tuple }) => {
      isAsked()
      await told
      return { zookie, model: modelId, allowed: !tuple.object.endsWith('denied'), resolution: '' }
    },
  })
  const files = { cert: pem('server.pem'), key: pem('server.key') }
  const certificates = isSafe ? await Certificates.open(files, () => {}) : undefined
  const tls = certificates && { certificates, demandsClients: false }
  const lane = isFast ? new Lane(kith) : undefined
  const place = { host: '127.0.0.1', port: 0 }
  const listening = await listen(createApp(kith), place, { lane, tls })
  onTestFinished(async () => {
    certificates?.close()
    await listening.close(0)
  })
  const port = Number(new URL(listening.address).port)
  return { asked, answer, connect: () => opened(port, isSafe) }
}

/** A client that may go on sending after the server has said its last. */
async function opened(port: number, isSafe: boolean) {
  const options = { port, host: '127.0.0.1', allowHalfOpen: true }
  const socket: Socket = isSafe
    ? connectTls({ ...options, ca: readFileSync(pem('authority.pem')), servername: 'localhost' })
    : connectPlain(options)
  onTestFinished(() => {
    socket.destroy()
  })
  await new Promise((done, fail) => {
    socket.once(isSafe ? 'secureConnect' : 'connect', done)
    socket.once('error', fail)
  })
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const heard = new Promise<string>((done, fail) => {
    socket.once('end', () => done(said))
    socket.once('error', fail)
  })
  return { socket, heard }
}

function check(object: string, isLast = false): string {
  const body = JSON.stringify({ tuple_key: { user: 'user:anne', relation: 'viewer', object } })
  const head = `POST /stores/${storeId}/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n`
  return `${head}${isLast ? 'Connection: close\r\n' : ''}\r\n${body}`
}

const verdicts = (said: string) =>
  [...said.matchAll(/HTTP\/1\.1 (\d+)|"allowed":(\w+)/g)].map(([, a, b]) => a ?? b)

describe.each([
  { isFast: true, isSafe: false },
  { isFast: true, isSafe: true },
  { isFast: false, isSafe: false },
  { isFast: false, isSafe: true },
])('a last request is answered, what follows it is not: %o', (how) => {
  test.each([1, 2_000])('%i behind it', async (behind) => {
    const { asked, answer, connect } = await serve(how)
    const { socket, heard } = await connect()
    socket.write(check('document:1') + check('document:denied', true) + check('document:2').repeat(behind))
    await asked
    answer()
    const said = await heard
    expect(verdicts(said)).toEqual(['200', 'true', '200', 'false'])
    expect(said).toMatch(/\r\nconnection: close\r\n[^{]*\{"allowed":false[^}]*\}$/i)
  })
})

test('what is sent after the last answer is read, until the client closes: it resets nothing', async () => {
  const { answer, connect } = await serve()
  answer()
  const { socket, heard } = await connect()
  const end = await farEndOf(socket)
  const last = check('document:1', true)
  socket.write(last)
  expect(verdicts(await heard)).toEqual(['200', 'true'])
  const more = check('document:2').repeat(100)
  socket.write(more)
  await hasRead(end, last.length + more.length)
  expect(end.bytesRead).toBe(last.length + more.length)
  socket.end()
  await hasClosed(end)
})

test('a client that never closes is left', async () => {
  const { answer, connect } = await serve()
  answer()
  const { socket, heard } = await connect()
  const end = await farEndOf(socket)
  socket.write(check('document:1', true))
  await heard
  await hasClosed(end)
})

test.each([
  [400, 'NOT HTTP\r\n\r\n'],
  [431, `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(17_000)}\r\n\r\n`],
])('what cannot be read is refused with %i', async (status, bytes) => {
  const { connect } = await serve({ isFast: false })
  const { socket, heard } = await connect()
  socket.write(bytes)
  expect(verdicts(await heard.catch(() => ''))).toEqual([String(status)])
})
