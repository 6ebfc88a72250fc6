/** The lane answers as the app does, byte for byte, or not at all. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeId } from '../fake.ts'
import { body, key, listing, post, startTwins, type Twins, writing } from './twins.ts'

let twins: Twins
beforeAll(async () => {
  twins = await startTwins()
})
afterAll(() => twins.close())

/** Both do the same; how many requests the lane answered itself, and whether it handed over. */
async function alike(...parts: (string | Uint8Array)[]): Promise<{ answered: number; handedOver: number }> {
  const before = { ...twins.counts }
  const { lane, app } = await twins.ask(...parts)
  expect(lane).toEqual({ ...app, text: owed(app.text, lane.text) })
  return {
    answered: twins.counts.answered - before.answered,
    handedOver: twins.counts.handedOver - before.handedOver,
  }
}

/** What node:http says of what is no HTTP, before it hangs up. */
const malformed = /HTTP\/1\.1 4\d\d [\w ]+\r\nConnection: close\r\n\r\n$/

/**
 * Where a segment ends in malformed bytes, node:http may forget the answers it still owes to what came before them, or
 * to say that they are malformed: it depends on how the bytes reached its parser. What is said must be the same.
 */
function owed(app: string, lane: string): string {
  if (!malformed.test(app) && !malformed.test(lane)) return app
  const [one, other] = [app.replace(malformed, ''), lane.replace(malformed, '')]
  return one.startsWith(other) || other.startsWith(one) ? lane : app
}

const target = `/stores/${storeId}/check`
const json = body('allowed')
const raw = (lines: readonly string[], content = json) => `${lines.join('\r\n')}\r\n\r\n${content}`
const length = `Content-Length: ${json.length}`
const inLane = { answered: 1, handedOver: 0 }
const handed = { answered: 0, handedOver: 1 }

describe('the heads that clients send', () => {
  test.each<[string, string[]]>([
    [
      'autocannon',
      [
        `POST ${target} HTTP/1.1`,
        'Host: localhost:8080',
        'Connection: keep-alive',
        'Content-Type: application/json',
        length,
      ],
    ],
    ['wrk', [`POST ${target} HTTP/1.1`, 'Host: localhost:8080', 'Content-Type: application/json', length]],
    [
      'undici',
      [
        `POST ${target} HTTP/1.1`,
        'host: localhost:8080',
        'connection: keep-alive',
        'content-type: application/json',
        'accept: */*',
        'accept-language: *',
        'sec-fetch-mode: cors',
        'user-agent: node',
        'accept-encoding: gzip, deflate',
        `content-length: ${json.length}`,
      ],
    ],
    [
      'axios',
      [
        `POST ${target} HTTP/1.1`,
        'Accept: application/json, text/plain, */*',
        'Content-Type: application/json',
        'User-Agent: axios/1.7.2',
        length,
        'Accept-Encoding: gzip, compress, deflate, br',
        'Host: 127.0.0.1:8080',
        'Connection: keep-alive',
      ],
    ],
    [
      'the OpenFGA SDK',
      [
        `POST ${target} HTTP/1.1`,
        'Accept: application/json, text/plain, */*',
        'Content-Type: application/json',
        'User-Agent: openfga-sdk js/0.9.0',
        'X-OpenFGA-Client-Method: Check',
        length,
        'Accept-Encoding: gzip, compress, deflate, br',
        'Host: kith.internal:8080',
        'Connection: keep-alive',
      ],
    ],
    [
      'curl',
      [
        `POST ${target} HTTP/1.1`,
        'Host: localhost:8080',
        'User-Agent: curl/8.7.1',
        'Accept: */*',
        'Content-Type: application/json',
        length,
      ],
    ],
    [
      'Go',
      [
        `POST ${target} HTTP/1.1`,
        'Host: kith:8080',
        'User-Agent: Go-http-client/1.1',
        length,
        'Content-Type: application/json',
        'Accept-Encoding: gzip',
      ],
    ],
    [
      'requests',
      [
        `POST ${target} HTTP/1.1`,
        'Host: localhost:8080',
        'User-Agent: python-requests/2.32.3',
        'Accept-Encoding: gzip, deflate',
        'Accept: */*',
        'Connection: keep-alive',
        length,
        'Content-Type: application/json',
      ],
    ],
    [
      'httpx',
      [
        `POST ${target} HTTP/1.1`,
        'Host: [::1]:8080',
        'Accept: */*',
        'Accept-Encoding: gzip, deflate',
        'Connection: keep-alive',
        'User-Agent: python-httpx/0.27.0',
        length,
        'Content-Type: application/json',
      ],
    ],
    [
      'aiohttp',
      [
        `POST ${target} HTTP/1.1`,
        'Host: my_service:8080',
        'Accept: */*',
        'Accept-Encoding: gzip, deflate',
        'User-Agent: Python/3.12 aiohttp/3.9.5',
        length,
        'Content-Type: application/json',
      ],
    ],
    [
      'OkHttp',
      [
        `POST ${target} HTTP/1.1`,
        'Content-Type: application/json; charset=utf-8',
        length,
        'Host: kith-0.kith.svc.cluster.local:8080',
        'Connection: Keep-Alive',
        'Accept-Encoding: gzip',
        'User-Agent: okhttp/4.12.0',
      ],
    ],
    ['no media type', [`POST ${target} HTTP/1.1`, 'Host: a', length]],
    [
      'white space',
      [`POST ${target} HTTP/1.1`, 'Host:\t a \t', `Content-Length:   ${json.length}  `, 'X-Nothing:'],
    ],
    ['a port above 60000', [`POST ${target} HTTP/1.1`, 'Host: localhost:65535', length]],
    ['an address and port 80', [`POST ${target} HTTP/1.1`, 'Host: 10.0.0.7:80', length]],
    ['an id', [`POST ${target} HTTP/1.1`, 'Host: a', 'X-Request-Id: abc-1', length]],
    ['an id that is none', [`POST ${target} HTTP/1.1`, 'Host: a', 'X-Request-Id: a b', length]],
    ['an empty id', [`POST ${target} HTTP/1.1`, 'Host: a', 'X-Request-Id:', length]],
    ['a zookie', [`POST ${target} HTTP/1.1`, 'Host: a', 'Kith-At-Least-As-Fresh: z0', length]],
    ['an empty zookie', [`POST ${target} HTTP/1.1`, 'Host: a', 'Kith-At-Least-As-Fresh: ', length]],
  ])('%s: answered in the lane', async (_, lines) => {
    expect(await alike(raw(lines))).toEqual(inLane)
  })
})

describe('what is not the lane’s', () => {
  test.each<[string, string]>([
    [
      'an actor, to write',
      raw([`POST /stores/${storeId}/write HTTP/1.1`, 'Host: a', 'Kith-Actor: user:anne', length]),
    ],
    ['another verb', raw([`POST /stores/${storeId}/list-users HTTP/1.1`, 'Host: a', length])],
    [
      'a list as a stream',
      raw([`POST /stores/${storeId}/streamed-list-objects HTTP/1.1`, 'Host: a', length]),
    ],
    ['GET', raw([`GET ${target} HTTP/1.1`, 'Host: a', length])],
    ['a method in lower case', raw([`post ${target} HTTP/1.1`, 'Host: a', length])],
    ['no store of ours', raw(['POST /stores/x/check HTTP/1.1', 'Host: a', length])],
    ['a query', raw([`POST ${target}?a=1 HTTP/1.1`, 'Host: a', length])],
    ['a slash at the end', raw([`POST ${target}/ HTTP/1.1`, 'Host: a', length])],
    ['an encoded path', raw([`POST /stores/${storeId}/chec%6b HTTP/1.1`, 'Host: a', length])],
    ['an absolute target', raw([`POST http://a${target} HTTP/1.1`, 'Host: a', length])],
    ['two spaces', raw([`POST  ${target} HTTP/1.1`, 'Host: a', length])],
    ['HTTP/1.0', raw([`POST ${target} HTTP/1.0`, 'Host: a', length])],
    ['HTTP/1.0, kept alive', raw([`POST ${target} HTTP/1.0`, 'Host: a', 'Connection: keep-alive', length])],
    ['HTTP/1.2', raw([`POST ${target} HTTP/1.2`, 'Host: a', length])],
    ['no Host', raw([`POST ${target} HTTP/1.1`, length])],
    ['two Hosts', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Host: a', length])],
    ['a Host that is none', raw([`POST ${target} HTTP/1.1`, 'Host: a b', length])],
    ['an empty Host', raw([`POST ${target} HTTP/1.1`, 'Host:', length])],
    ['a Host that URLs rewrite', raw([`POST ${target} HTTP/1.1`, 'Host: 1.2.3:60001', length])],
    ['a Host in hexadecimal', raw([`POST ${target} HTTP/1.1`, 'Host: 0x7f.1:60001', length])],
    ['a port that is none', raw([`POST ${target} HTTP/1.1`, 'Host: localhost:65536', length])],
    ['a user in Host', raw([`POST ${target} HTTP/1.1`, 'Host: a@b', length])],
    ['a path in Host', raw([`POST ${target} HTTP/1.1`, 'Host: a/b', length])],
    ['two lengths', raw([`POST ${target} HTTP/1.1`, 'Host: a', length, length])],
    ['two different lengths', raw([`POST ${target} HTTP/1.1`, 'Host: a', length, 'Content-Length: 5'])],
    ['no length', raw([`POST ${target} HTTP/1.1`, 'Host: a'])],
    ['a length with a sign', raw([`POST ${target} HTTP/1.1`, 'Host: a', `Content-Length: +${json.length}`])],
    [
      'a length with a zero before',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', `Content-Length: 0${json.length}`]),
    ],
    ['a length in hexadecimal', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Length: 0x10'])],
    [
      'lengths in a list',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', `Content-Length: ${json.length}, ${json.length}`]),
    ],
    ['a negative length', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Length: -1'])],
    ['an empty body', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Length: 0'], '')],
    ['a body cut short', raw([`POST ${target} HTTP/1.1`, 'Host: a', `Content-Length: ${json.length + 1}`])],
    ['a body too large', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Length: 9999999'])],
    [
      'chunks',
      raw(
        [`POST ${target} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked'],
        `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`,
      ),
    ],
    [
      'chunks and a length',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', length, 'Transfer-Encoding: chunked']),
    ],
    ['Expect', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Expect: 100-continue', length])],
    ['Expect of something else', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Expect: nothing', length])],
    [
      'an upgrade',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket', length]),
    ],
    [
      'an upgrade nobody asked for',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Upgrade: websocket', length]),
    ],
    [
      'h2c',
      raw([
        `POST ${target} HTTP/1.1`,
        'Host: a',
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAA',
        length,
      ]),
    ],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['Connection: close', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Connection: close', length])],
    [
      'Connection: keep-alive, close',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Connection: keep-alive, close', length]),
    ],
    [
      'Connection twice',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Connection: keep-alive', 'Connection: close', length]),
    ],
    ['Proxy-Connection', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Proxy-Connection: close', length])],
    [
      'a credential of a proxy',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Proxy-Authorization: a', length]),
    ],
    [
      'a trace',
      raw([
        `POST ${target} HTTP/1.1`,
        'Host: a',
        'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        length,
      ]),
    ],
    [
      'a header of ours that is not known',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Kith-Actor: user:anne', length]),
    ],
    [
      'two zookies',
      raw([
        `POST ${target} HTTP/1.1`,
        'Host: a',
        'Kith-At-Least-As-Fresh: a',
        'Kith-At-Least-As-Fresh: b',
        length,
      ]),
    ],
    ['an origin', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Origin: https://example.com', length])],
    ['an encoding', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Encoding: gzip', length])],
    [
      'an encoding that is none',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Encoding: identity', length]),
    ],
    ['MessagePack', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Type: application/msgpack', length])],
    [
      'MessagePack asked for',
      raw([
        `POST ${target} HTTP/1.1`,
        'Host: a',
        'Accept: application/json;q=0.5, application/MSGPACK',
        length,
      ]),
    ],
    [
      'a form',
      raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Type: application/x-www-form-urlencoded', length]),
    ],
    ['a bare line feed', raw([`POST ${target} HTTP/1.1`, 'Host: a\nX: b', length])],
    ['only line feeds', `POST ${target} HTTP/1.1\nHost: a\n${length}\n\n${json}`],
    ['a bare carriage return', raw([`POST ${target} HTTP/1.1`, 'Host: a\rX: b', length])],
    ['a folded line', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X: b\r\n c', length])],
    ['a NUL', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X: b\0c', length])],
    ['a control character', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X: b\x01c', length])],
    ['a byte above ASCII', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X: é', length])],
    ['a space before the colon', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X : b', length])],
    ['a name that is none', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X(: b', length])],
    ['no colon', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'X', length])],
    ['a smuggled line', raw([`POST ${target} HTTP/1.1`, 'Host: a', 'Transfer-Encoding : chunked', length])],
    ['an empty line before', `\r\n${raw([`POST ${target} HTTP/1.1`, 'Host: a', length])}`],
    ['a head of 9 KiB', raw([`POST ${target} HTTP/1.1`, 'Host: a', `X: ${'x'.repeat(9_000)}`, length])],
    ['a head of 20 KiB', raw([`POST ${target} HTTP/1.1`, 'Host: a', `X: ${'x'.repeat(20_000)}`, length])],
    ['not HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['half a line', 'POST /sto'],
  ])('%s: handed over', async (_, text) => {
    expect(await alike(text)).toEqual(handed)
    // The same after a request that the lane answered, so that head and bytes before are no help.
    expect(await alike(post(json), text)).toEqual({ answered: 1, handedOver: 1 })
  })

  test('nothing at all', async () => {
    expect(await alike()).toEqual({ answered: 0, handedOver: 0 })
  })
})

describe('bodies', () => {
  const bodies: [string, string | Uint8Array][] = [
    ['allowed', json],
    ['denied', body('denied')],
    ['a later answer', body('denied')],
    ['a fault', body('unavailable')],
    ['another', body('complex')],
    ['no fault', body('boom')],
    ['a trace', body('told', { trace: true })],
    ['a model', body('allowed', { authorization_model_id: storeId })],
    ['an empty model', body('allowed', { authorization_model_id: '' })],
    ['a model that is none', body('allowed', { authorization_model_id: 'x' })],
    ['a consistency', body('allowed', { consistency: 'HIGHER_CONSISTENCY' })],
    ['the default one', body('allowed', { consistency: 'UNSPECIFIED' })],
    ['a consistency as a number', body('allowed', { consistency: 2 })],
    ['a consistency that is none', body('allowed', { consistency: 'x' })],
    ['a context', body('allowed', { context: { a: [1, { b: null }] } })],
    ['contextual tuples', body('allowed', { contextual_tuples: { tuple_keys: [key('allowed')] } })],
    ['an unknown field', body('allowed', { more: 1 })],
    ['white space', ` {\r\n\t"tuple_key" : ${JSON.stringify(key('allowed'), null, 2)} }\n`],
    ['an escape', json.replace('anne', '\\u0061nne')],
    ['characters beyond ASCII', json.replace('anne', 'änne☃')],
    ['a space in a name', json.replace('anne', 'a nne')],
    ['a DEL in a name', json.replace('anne', 'a\x7fnne')],
    ['a line feed in a name', json.replace('anne', 'a\nnne')],
    ['half a pair', json.replace('anne', '\\ud800')],
    ['a relation that is none', json.replace('viewer', 'a#b')],
    ['a name too long', json.replace('anne', 'a'.repeat(508))],
    ['a name just short enough', json.replace('anne', 'a'.repeat(507))],
    ['an empty name', json.replace('user:anne', '')],
    ['an object too long', json.replace('document:', `document:${'x'.repeat(250)}`)],
    ['a relation too long', json.replace('viewer', 'v'.repeat(51))],
    ['a null', json.replace('"viewer"', 'null')],
    ['a number', json.replace('"viewer"', '1')],
    ['a key twice', '{"tuple_key":{"user":"user:a","user":"user:b","relation":"r","object":"document:1"}}'],
    ['a question twice', `{"tuple_key":1,"tuple_key":${JSON.stringify(key('denied'))}}`],
    ['no key', '{}'],
    ['a key of another name', '{"__proto__":{"user":"user:a"}}'],
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['a comma too many', '{"tuple_key":{},}'],
    ['something after', `${json}x`],
    ['something before', `x${json}`],
    [
      'not UTF-8',
      Buffer.concat([Buffer.from(json.slice(0, 30)), Buffer.from([0xff]), Buffer.from(json.slice(30))]),
    ],
    ['a mark of byte order', `\ufeff${json}`],
    ['a NUL', `${json}\0`],
    ['just large enough', body('allowed', { context: { a: 'x'.repeat(32_000) } })],
  ]
  test.each(bodies)('check: %s', async (_, content) => {
    expect(await alike(post(content))).toEqual(inLane)
  })
  const item = (id: string, object = 'allowed') => ({ correlation_id: id, tuple_key: key(object) })
  test.each<[string, object | string]>([
    ['one', { checks: [item('a')] }],
    [
      'three',
      { checks: [item('a'), item('b', 'denied'), item('c', 'boom')], consistency: 'MINIMIZE_LATENCY' },
    ],
    ['four', { checks: [item('a'), item('b'), item('c'), item('d')] }],
    ['none', { checks: [] }],
    ['nothing', {}],
    ['an id twice', { checks: [item('a'), item('a', 'denied')] }],
    ['the id of a prototype', { checks: [item('__proto__')] }],
    ['an id that is none', { checks: [item('a b')] }],
    ['no id', { checks: [{ tuple_key: key('a') }] }],
    ['a context', { checks: [{ ...item('a'), context: { a: 1 } }], authorization_model_id: storeId }],
    ['a null', '{"checks":[null]}'],
    ['an object', '{"checks":{}}'],
    ['a comma too many', '{"checks":[,]}'],
  ])('batch-check: %s', async (_, content) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    expect(await alike(post(text, { verb: 'batch-check' }))).toEqual(inLane)
  })

  test.each<[string, string]>([
    ['three', listing('anne')],
    ['none', listing('nobody')],
    ['a later answer', listing('later')],
    ['one that was cut', listing('cut')],
    ['a page', listing('anne', { page_size: 3 })],
    ['the next page', listing('anne', { page_size: 3, continuation_token: 'c1' })],
    ['a page that is none', listing('anne', { page_size: 0 })],
    ['a page too large', listing('anne', { page_size: 1_001 })],
    ['a fault', listing('unavailable')],
    ['no fault', listing('boom')],
    ['a model', listing('anne', { authorization_model_id: storeId, consistency: 'HIGHER_CONSISTENCY' })],
    ['a model that is none', listing('anne', { authorization_model_id: 'x' })],
    ['a context', listing('anne', { context: { a: [1] } })],
    ['contextual tuples', listing('anne', { contextual_tuples: { tuple_keys: [key('a')] } })],
    ['a contextual tuple that is none', listing('anne', { contextual_tuples: { tuple_keys: [{}] } })],
    ['an unknown field', listing('anne', { more: 1 })],
    ['characters beyond ASCII', listing('änne☃')],
    ['no user', '{"type":"document","relation":"viewer"}'],
    ['no type', listing('anne', { type: '' })],
    ['a type that is none', listing('anne', { type: 'a:b' })],
    ['a null', 'null'],
    ['nothing', '{}'],
    ['something after', `${listing('anne')}x`],
  ])('list-objects: %s', async (_, content) => {
    expect(await alike(post(content, { verb: 'list-objects' }))).toEqual(inLane)
    const known = { verb: 'list-objects', headers: ['X-Request-Id: l1', 'Kith-At-Least-As-Fresh: z0'] }
    expect(await alike(post(content, known))).toEqual(inLane)
  })

  const written = writing('allowed')
  test.each<[string, string]>([
    ['one', written],
    ['three', writing('a', 'b', 'c')],
    ['a delete', written.replace('writes', 'deletes')],
    ['both', JSON.stringify({ deletes: { tuple_keys: [key('a')] }, writes: { tuple_keys: [key('b')] } })],
    ['a later answer', writing('later')],
    ['a fault', writing('unavailable')],
    ['no fault', writing('boom')],
    ['a model', JSON.stringify({ ...JSON.parse(written), authorization_model_id: storeId })],
    ['a model that is none', JSON.stringify({ ...JSON.parse(written), authorization_model_id: 'x' })],
    ['nothing', '{}'],
    ['no tuple', '{"writes":{"tuple_keys":[]}}'],
    ['a null', '{"writes":{"tuple_keys":[null]}}'],
    ['writes of null', '{"writes":null}'],
    ['writes twice', `{"writes":1,${written.slice(1)}`],
    ['tuples twice', written.replace('}]', '}],"tuple_keys":[]')],
    ['what a duplicate does', written.replace('}]', '}],"on_duplicate":"ignore"')],
    ['what a duplicate cannot do', written.replace('}]', '}],"on_duplicate":7')],
    ['a condition', written.replace('"user"', '"condition":{"name":"c","context":{"a":1}},"user"')],
    ['an expiry', written.replace('"user"', '"expires_at":"2999-01-01T00:00:00Z","user"')],
    ['an expiry that is none', written.replace('"user"', '"expires_at":"soon","user"')],
    ['a filter', '{"delete_where":{"user":"user:anne"}}'],
    ['a precondition', `{"preconditions":[{"tuple":${JSON.stringify(key('a'))},"must":"exist"}]}`],
    ['a precondition that is none', '{"preconditions":[{"must":"exist"}]}'],
    ['an unknown field', written.replace('{', '{"consistency":"x",')],
    ['characters beyond ASCII', written.replace('anne', 'änne☃')],
    ['a comma too many', written.replace('}]', '},]')],
    ['something after', `${written}x`],
  ])('write: %s', async (_, content) => {
    expect(await alike(post(content, { verb: 'write' }))).toEqual(inLane)
    const known = { verb: 'write', headers: ['X-Request-Id: w1', 'Kith-At-Least-As-Fresh: z0'] }
    expect(await alike(post(content, known))).toEqual(inLane)
  })

  test('larger than the lane takes', async () => {
    expect(await alike(post(body('allowed', { context: { a: 'x'.repeat(33_000) } })))).toEqual(handed)
  })
})

describe('sequences', () => {
  const livez = 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n'
  const lane = post(json)
  const later = post(body('later'))
  const withId = (id: string, object = 'allowed') => post(body(object), { headers: [`X-Request-Id: ${id}`] })

  test('ten at once', async () => {
    const ten = Array.from({ length: 10 }, (_, i) => withId(`n${i}`, i % 3 === 0 ? 'denied' : 'allowed'))
    expect(await alike(Buffer.concat(ten))).toEqual({ answered: 10, handedOver: 0 })
  })

  test('lengths that change under the same head', async () => {
    const all = ['allowed', 'denied', 'complex', 'x', 'x'.repeat(90)].map((id) => post(body(id)))
    expect(await alike(Buffer.concat(all), ...all)).toEqual({ answered: 10, handedOver: 0 })
  })

  test('answers keep their order across a hand-over', async () => {
    const close = post(json, { headers: ['X-Request-Id: last', 'Connection: close'] })
    const sent = [
      withId('a', 'later'),
      withId('b'),
      withId('c', 'later'),
      Buffer.from(livez),
      withId('d'),
      close,
    ]
    expect(await alike(Buffer.concat(sent))).toEqual({ answered: 3, handedOver: 1 })
    expect(await alike(...sent)).toEqual({ answered: 3, handedOver: 1 })
  })

  test('lists among checks keep their place', async () => {
    const list = (id: string) => post(listing(id), { verb: 'list-objects', headers: [`X-Request-Id: ${id}`] })
    const sent = [list('later'), withId('a'), list('boom'), withId('b', 'later'), list('nobody'), list('x')]
    expect(await alike(Buffer.concat(sent))).toEqual({ answered: 6, handedOver: 0 })
    expect(await alike(...sent)).toEqual({ answered: 6, handedOver: 0 })
  })

  test('what is malformed does not take the answers before it along', async () => {
    const { lane: done } = await twins.ask(Buffer.concat([lane, Buffer.from('rubbish\r\n\r\n')]))
    expect(done.text).toMatch(/^HTTP\/1.1 200 OK[\s\S]*"allowed":true[\s\S]*HTTP\/1.1 400 Bad Request\r\n/)
  })

  test('half a request behind one that is being answered', async () => {
    const close = post(json, { headers: ['Connection: close'] })
    const sent = [Buffer.concat([later, close.subarray(0, 40)]), close.subarray(40, 60), close.subarray(60)]
    expect(await alike(...sent)).toEqual({ answered: 1, handedOver: 1 })
  })

  test('split at every byte', async () => {
    const two = Buffer.concat([lane, post(body('denied'), { headers: ['Connection: close'] })])
    for (let at = 1; at < two.length; at++) {
      await alike(two.subarray(0, at), two.subarray(at))
    }
  })

  test('every byte alone', async () => {
    await alike(...Array.from(lane, (byte) => Uint8Array.of(byte)))
  })
})

describe('mutations', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const requests = [
    post(json),
    post(json, { headers: ['Content-Type: application/json', 'Accept: */*', 'Connection: keep-alive'] }),
    post(body('denied', { authorization_model_id: storeId }), { headers: ['X-Request-Id: abc'] }),
    post(JSON.stringify({ checks: [{ correlation_id: 'a', tuple_key: key('x') }] }), { verb: 'batch-check' }),
    post(listing('later', { page_size: 2 }), { verb: 'list-objects' }),
    post(writing('allowed'), { verb: 'write' }),
    post(writing('later', 'b').replace('writes', 'deletes'), { verb: 'write' }),
  ]
  const piece = fc.oneof(
    fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      ':',
      '\0',
      ',',
      '"',
      '\\',
      '{',
      '}',
      '0',
      '1',
      'é',
      '\r\n\r\n',
    ),
    fc.constantFrom(
      'Host: b\r\n',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Connection: close\r\n',
      'X: y\r\n',
    ),
    fc.string({ maxLength: 3, unit: 'binary-ascii' }),
  )
  const mutation = fc.record({
    at: fc.nat(),
    remove: fc.constantFrom(0, 0, 1, 1, 2, 8),
    insert: fc.oneof(fc.constant(''), piece),
  })
  const mutate = (bytes: Buffer, { at, remove, insert }: { at: number; remove: number; insert: string }) => {
    const place = at % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, place), Buffer.from(insert), bytes.subarray(place + remove)])
  }

  test(`of requests, seed ${seed}`, async () => {
    const before = { ...twins.counts }
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            request: fc.nat(requests.length - 1),
            mutations: fc.array(mutation, { maxLength: 2 }),
          }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        fc.nat(),
        async (sequence, cut) => {
          const parts = sequence.map(({ request, mutations }) =>
            mutations.reduce(mutate, requests[request] ?? Buffer.alloc(0)),
          )
          const last = parts.pop() ?? Buffer.alloc(0)
          const split =
            cut % 3 === 0 ? [last] : [last.subarray(0, cut % last.length), last.subarray(cut % last.length)]
          await alike(...parts, ...split)
        },
      ),
      { seed, numRuns: Number(process.env.RUNS ?? 400) },
    )
    expect(twins.counts.answered).toBeGreaterThan(before.answered + 100)
    expect(twins.counts.handedOver).toBeGreaterThan(before.handedOver + 100)
  })
})
