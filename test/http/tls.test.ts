/** TLS: who may connect, certificates that are replaced while it serves, and the fast lane inside it. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { Certificates } from '../../src/http/certificates.ts'
import { Lane } from '../../src/http/lane/lane.ts'
import { type Listening, listen } from '../../src/http/listen.ts'
import { fake, modelId, zookie } from './fake.ts'
import { body, post } from './lane/twins.ts'

const pem = (name: string) => resolve(import.meta.dirname, 'tls', name)
const read = (name: string) => readFileSync(pem(name))
const ca = read('authority.pem')
const client = { cert: read('client.pem'), key: read('client.key') }
const stranger = { cert: read('stranger.pem'), key: read('stranger.key') }

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kith-tls-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** A place whose files can be replaced. */
function filesOf(name: string, authority?: string) {
  const path = folder()
  const files = {
    cert: join(path, 'cert.pem'),
    key: join(path, 'key.pem'),
    ...(authority !== undefined && { clientCa: join(path, 'ca.pem') }),
  }
  const put = (from: string) => {
    copyFileSync(pem(`${from}.pem`), files.cert)
    copyFileSync(pem(`${from}.key`), files.key)
  }
  put(name)
  if (authority !== undefined) copyFileSync(pem(`${authority}.pem`), join(path, 'ca.pem'))
  return { ...files, put }
}

interface Serving extends Listening {
  readonly port: number
  readonly certificates: Certificates
  readonly lane: Lane
  readonly logged: readonly string[]
}

async function serve(
  files: { cert: string; key: string; clientCa?: string },
  demandsClients = false,
  isFast = true,
): Promise<Serving> {
  const logged: string[] = []
  const certificates = await Certificates.open(files, (level, message) => logged.push(`${level}: ${message}`))
  const { kith } = fake({
    check: async ({ tuple }) => ({
      zookie,
      model: modelId,
      allowed: !tuple.object.endsWith('denied'),
      resolution: '',
    }),
  })
  const lane = new Lane(kith)
  const tls = { certificates, demandsClients }
  const listening = await listen(
    createApp(kith),
    { host: '127.0.0.1', port: 0 },
    {
      tls,
      ...(isFast && { lane }),
    },
  )
  onTestFinished(async () => {
    certificates.close()
    await listening.close(0)
  })
  return { ...listening, certificates, lane, logged, port: Number(new URL(listening.address).port) }
}

/** All that comes back for what is sent, to the end of the connection. */
async function exchange(socket: Socket, parts: readonly (string | Uint8Array)[]): Promise<string> {
  let text = ''
  for (const part of parts) socket.write(part)
  for await (const chunk of socket) text += String(chunk)
  return text
}

const bye = 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

async function ask(port: number, options: ConnectionOptions = {}) {
  const socket = connect({ port, host: '127.0.0.1', ca, ...options })
  const text = await exchange(socket, [bye])
  return { status: /^HTTP\/1.1 (\d+)/.exec(text)?.[1], peer: subjectOf(socket) }
}

/** Whose certificate the server shows. */
async function peerOf(port: number): Promise<unknown> {
  const socket = connect({ port, host: '127.0.0.1', ca })
  await new Promise((done) => socket.once('secureConnect', done))
  const peer = subjectOf(socket)
  socket.destroy()
  return peer
}

function subjectOf(socket: TLSSocket): unknown {
  return socket.getPeerX509Certificate?.()?.subject
}

test('serves over TLS, and says so in its address', async () => {
  const { address, port } = await serve(filesOf('server'))
  expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(await ask(port)).toMatchObject({ status: '200' })
})

test('nothing is answered in the clear', async () => {
  const { port } = await serve(filesOf('server'))
  const text = await exchange(connectPlain(port, '127.0.0.1'), [bye]).catch(() => '')
  expect(text).not.toContain('HTTP')
})

test('nor over what TLS was long ago', async () => {
  const { port } = await serve(filesOf('server'))
  await expect(
    ask(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  ).rejects.toThrow()
})

describe('client certificates', () => {
  test.each<[string, boolean, object, string | undefined]>([
    ['demanded, and one is shown', true, client, '200'],
    ['demanded, and none is', true, {}, undefined],
    ['demanded, and one of another authority is', true, stranger, undefined],
    ['asked for, and one is shown', false, client, '200'],
    ['asked for, and none is', false, {}, '200'],
  ])('%s', async (_, demanded, shown, status) => {
    const { port } = await serve(filesOf('server', 'authority'), demanded)
    const answer = await ask(port, shown).catch(() => ({ status: undefined }))
    expect(answer.status).toBe(status)
  })
})

describe('certificates that are replaced', () => {
  test('the next connection is shown the new one, the others go on', async () => {
    const files = filesOf('server')
    const { port, certificates, logged } = await serve(files)
    const before = connect({ port, host: '127.0.0.1', ca })
    await new Promise((done) => before.once('secureConnect', done))
    files.put('next-server')
    await certificates.reload()
    expect(await peerOf(port)).toBe('CN=kith-two')
    expect(await exchange(before, [bye])).toContain('HTTP/1.1 200')
    expect(logged).toEqual(['info: serving with a certificate', 'info: the certificate was replaced'])
  })

  test.each<[string, (files: { cert: string; key: string }) => void]>([
    ['that is no certificate', ({ cert }) => writeFileSync(cert, 'no')],
    ['whose key is another', ({ cert }) => copyFileSync(pem('next-server.pem'), cert)],
    ['that is gone', ({ cert }) => rmSync(cert)],
    ['whose key is cut', ({ key }) => writeFileSync(key, read('server.key').subarray(0, 60))],
  ])('one %s is not taken, is told once, and what comes after it is', async (_, spoil) => {
    const files = filesOf('server')
    const { port, certificates, logged } = await serve(files)
    spoil(files)
    await certificates.reload()
    expect(await peerOf(port)).toBe('CN=kith-one')
    expect(logged.at(-1)).toBe('error: the certificate cannot be replaced; the last one stays')
    files.put('next-server')
    await certificates.reload()
    await certificates.reload()
    expect(await peerOf(port)).toBe('CN=kith-two')
    expect(logged).toHaveLength(3)
  })

  test('authorities too, and nobody resumes a session that the old ones allowed', async () => {
    const files = filesOf('server', 'authority')
    const { port, certificates } = await serve(files, true)
    const options = { port, host: '127.0.0.1', ca, ...client, maxVersion: 'TLSv1.2' } as const
    const first = connect(options)
    let session: Buffer | undefined
    first.on('session', (given) => {
      session = given
    })
    expect(await exchange(first, [bye])).toContain('HTTP/1.1 200')
    // The session is worth something: it is resumed as long as nothing changes.
    const again = connect({ ...options, session })
    const reused = new Promise((done) => again.once('secureConnect', () => done(again.isSessionReused())))
    expect(await exchange(again, [bye])).toContain('HTTP/1.1 200')
    expect(await reused).toBe(true)
    copyFileSync(pem('other-authority.pem'), files.clientCa ?? '')
    await certificates.reload()
    const text = await exchange(connect({ ...options, session }), [bye]).catch(() => '')
    expect(text).not.toContain('HTTP')
    expect(await ask(port, stranger)).toMatchObject({ status: '200' })
  })
})

describe('what it does not start with', () => {
  test.each<[string, (path: string) => object, RegExp]>([
    ['a file that is not there', (path) => ({ cert: join(path, 'none') }), /ENOENT.*none/],
    [
      'a key of another certificate',
      () => ({ key: pem('client.key') }),
      /client\.key cannot be used for TLS: .*mismatch/,
    ],
    ['a certificate that is none', () => ({ cert: pem('README.md') }), /README\.md cannot be used for TLS/],
    [
      'authorities that are none',
      () => ({ clientCa: pem('README.md') }),
      /README\.md cannot be used for TLS/,
    ],
  ])('%s', async (_, other, said) => {
    const files = { cert: pem('server.pem'), key: pem('server.key'), ...other(folder()) }
    await expect(Certificates.open(files, () => {})).rejects.toThrow(said)
  })

  test('one that has expired it does start with, and says so', async () => {
    const { logged } = await serve({ cert: pem('old-server.pem'), key: pem('old-server.key') })
    expect(logged).toEqual(['error: serving with a certificate that has expired'])
  })
})

describe('the fast lane', () => {
  const large = JSON.stringify({
    tuple_key: { user: 'user:anne', relation: 'viewer', object: 'document:x' },
    pad: 'x'.repeat(200_000),
  })
  const get = 'GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n'
  const whole = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)))
  const one = post(body('1'))
  const no = post(body('denied'))

  test.each<[string, readonly (string | Uint8Array)[]]>([
    ['one', [one, bye]],
    ['many at once', [whole(...Array.from({ length: 50 }, (_, n) => (n % 3 === 0 ? no : one)), bye)]],
    ['one byte after the other', [...whole(one, no, bye)].map((byte) => Uint8Array.of(byte))],
    ['handed over in between', [whole(one, no, get, no, one, bye)]],
    [
      'handed over with a body that is still coming',
      [whole(one, post(large).subarray(0, 70_000)), whole(post(large).subarray(70_000), bye)],
    ],
    ['handed over at the first byte', [whole(post(large), one, no, bye)]],
  ])('answers like the app in the clear: %s', async (_, parts) => {
    const { port, lane } = await serve(filesOf('server'))
    const { kith } = fake({
      check: async ({ tuple }) => ({
        zookie,
        model: modelId,
        allowed: !tuple.object.endsWith('denied'),
        resolution: '',
      }),
    })
    const plain = await listen(createApp(kith), { host: '127.0.0.1', port: 0 })
    onTestFinished(() => plain.close(0))
    const expected = await exchange(connectPlain(Number(new URL(plain.address).port), '127.0.0.1'), parts)
    const got = await exchange(connect({ port, host: '127.0.0.1', ca }), parts)
    expect(same(got)).toBe(same(expected))
    expect(lane.counts.handedOver).toBe(1)
  })

  test('answers inside TLS', async () => {
    const { port, lane } = await serve(filesOf('server'))
    await exchange(connect({ port, host: '127.0.0.1', ca }), [whole(one, no, bye)])
    expect(lane.counts).toMatchObject({ answered: 2, handedOver: 1 })
  })

  function same(text: string): string {
    return text
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
      .replace(/^Date: .*$/gm, 'Date')
      .replace(/^fga-query-duration-ms: \d+/gm, '<ms>')
  }
})

test.each([true, false])('who asks far ahead is answered all of it, fast lane: %s', async (isFast) => {
  const { port } = await serve(filesOf('server'), false, isFast)
  const asked = 500
  const parts = [Buffer.concat(Array.from({ length: asked }, () => post(body('1')))), bye]
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const text = await exchange(connect({ port, host: '127.0.0.1', ca, maxVersion }), parts)
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(asked + 1)
  }
})

describe('closing', () => {
  test('cuts a client that never ends its handshake', async () => {
    const { port, close } = await serve(filesOf('server'))
    const socket = connectPlain(port, '127.0.0.1')
    await new Promise((done) => socket.once('connect', done))
    // The beginning of a handshake record, and no more.
    socket.write(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00))
    const ended = new Promise((done) => socket.once('close', done))
    socket.on('error', () => {})
    await close(50)
    await ended
  })

  test('does not wait for clients that rest', async () => {
    const { port, close } = await serve(filesOf('server'))
    const socket = connect({ port, host: '127.0.0.1', ca })
    await new Promise((done) => socket.once('secureConnect', done))
    socket.on('error', () => {})
    await close(600_000)
    socket.destroy()
  })
})
