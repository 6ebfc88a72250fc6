/**
 * The HTTP of the command line: one request, one answer or one line of reason. Over TCP, TLS or a unix socket
 * (`unix:/run/kith.sock`), which is why it is node:http and not fetch. It does not retry: a person is watching.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { createInterface } from 'node:readline/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { JsonObject } from '../lib/json.ts'
import { parseAnswer } from './answer.ts'
import { Failure, Refusal } from './failure.ts'

export interface ClientOptions {
  /** `http://HOST:PORT`, `https://HOST` or `unix:PATH`. */
  readonly url: string
  readonly token: string | undefined
  readonly tls?: ClientTls
  /** Milliseconds of silence after which a request is given up. */
  readonly timeoutMs: number
}

/** Of https. Files are PEM. */
export interface ClientTls {
  /** Whom to trust in place of the public authorities. */
  readonly ca?: Buffer
  /** Who this is, where the server asks. */
  readonly cert?: Buffer
  readonly key?: Buffer
  /** False: whoever answers is believed; for a question without secrets whose answer decides nothing. */
  readonly rejectUnauthorized?: boolean
}

export interface Sent {
  readonly body?: object
  /** Of a stream; any other body is sent as JSON. */
  readonly contentType?: string
}

export class Client {
  readonly url: string
  readonly #options: ClientOptions
  readonly #target: RequestOptions
  readonly #secure: boolean
  readonly #prefix: string

  constructor(options: ClientOptions) {
    this.url = options.url
    this.#options = options
    if (options.url.startsWith('unix:')) {
      this.#target = { socketPath: options.url.slice('unix:'.length), host: 'localhost' }
      this.#secure = false
      this.#prefix = ''
      return
    }
    const url = parseUrl(options.url)
    this.#target = { hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port || undefined }
    this.#secure = url.protocol === 'https:'
    this.#prefix = url.pathname.replace(/\/$/, '')
  }

  get(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<JsonObject> {
    return this.json('GET', `${path}${printQuery(query)}`)
  }

  post(
    path: string,
    body: object,
    query: Readonly<Record<string, string | undefined>> = {},
  ): Promise<JsonObject> {
    return this.json('POST', `${path}${printQuery(query)}`, { body })
  }

  /** The answer's JSON; an empty object for an empty body. @throws Refusal, Failure */
  async json(method: string, path: string, sent: Sent = {}): Promise<JsonObject> {
    const body = await text(await this.open(method, path, sent))
    return body === '' ? {} : parseAnswer(body)
  }

  /** The answer as a stream, once its status is known to be good. @throws Refusal, Failure */
  async open(method: string, path: string, sent: Sent = {}): Promise<IncomingMessage> {
    const answer = await this.#exchange(method, path, sent).catch((error: unknown) => {
      throw this.#reachable(error)
    })
    const status = answer.statusCode ?? 0
    if (status < 400) return answer
    throw refusalOf(status, await text(answer))
  }

  #exchange(method: string, path: string, { body, contentType }: Sent): Promise<IncomingMessage> {
    const { timeoutMs, token, tls } = this.#options
    const streamed = body instanceof Readable
    const payload = body === undefined || streamed ? undefined : JSON.stringify(body)
    const send = this.#secure ? requestHttps : requestHttp
    return new Promise((resolve, reject) => {
      const request = send({
        ...this.#target,
        ...tls,
        method,
        path: `${this.#prefix}${path}`,
        headers: {
          ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
          ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      })
      request.setTimeout(timeoutMs, () => {
        request.destroy(new Failure(`no answer from ${this.url} within ${timeoutMs / 1000} s (--timeout)`))
      })
      // For good: an answer that comes before the body has left cuts the body, after this has resolved.
      request.on('error', reject)
      request.once('response', resolve)
      if (streamed) pipeline(body, request).catch(reject)
      else request.end(payload)
    })
  }

  #reachable(error: unknown): unknown {
    const code = (error as NodeJS.ErrnoException).code
    const reason = code === undefined ? undefined : reasonFor(code, error)
    if (reason === undefined) return error
    return new Failure(
      `cannot reach ${this.url}: ${reason}; is \`kith serve\` running there? (--url or KITH_URL)`,
      { cause: error },
    )
  }
}

/** The lines of an answer. @throws Failure when it was cut: half a list must not look like a whole one. */
export async function* linesOf(
  answer: IncomingMessage,
  which: 'all' | 'full' = 'full',
): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: answer })) {
      if (which === 'all' || line.trim() !== '') yield line
    }
  } catch (error) {
    throw cutOr(error)
  }
}

/** What went wrong while an answer was read, in words where the connection ended too early. */
export function cutOr(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') return error
  return new Failure('the connection ended before the answer did', { cause: error })
}

function reasonFor(code: string, error: unknown): string | undefined {
  // OpenSSL's and Node's words for what is wrong with a certificate, or with the handshake.
  const isTls = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code)
  return isTls && error instanceof Error ? `${error.message} (see --ca, --cert and --key)` : reasons[code]
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not open the socket',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new Failure(`\`${text}\` is not a URL of Kith; write http://HOST:PORT, https://HOST or unix:PATH`)
}

function printQuery(query: Readonly<Record<string, string | undefined>>): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value)
  return given.size === 0 ? '' : `?${given}`
}

/** What the person at the keyboard can do about it. */
function hintFor(status: number): string {
  return status === 401 ? '; here that is KITH_TOKEN or --token-file' : ''
}

function refusalOf(status: number, body: string): Refusal | Failure {
  try {
    const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown }
    if (typeof message === 'string')
      return new Refusal(status, String(code ?? 'error'), message + hintFor(status))
  } catch {
    // Not ours: a proxy answers in HTML. The status is all there is to say.
  }
  return new Failure(`the answer was HTTP ${status}, without a reason; is that really Kith at --url?`)
}
