/**
 * The public keys of a token issuer, from its URL or a file: read when they are first needed, again when they are old or
 * a token names a key that is not among them, and never in a storm. It verifies nothing: token.ts.
 */
import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'

/** Milliseconds after which keys are read again: an issuer that drops a key means it. */
const freshMs = 300_000
/** Milliseconds for which old keys are believed while the issuer does not answer: its outage need not be ours at once. */
const staleMs = 3_600_000
/** Milliseconds between two attempts, whatever tokens claim: strangers could make us a burden to the issuer. */
const attemptEveryMs = 10_000
/** Of one attempt. */
const timeoutMs = 5_000
/** More keys than any issuer has. */
const bytesMax = 1_048_576

export class KeySet {
  readonly #load: () => Promise<JSONWebKeySet>
  readonly #clock: SteadyClock
  readonly #tell: (problem: Error) => void
  #keys: { readonly find: JWTVerifyGetKey; readonly readAt: number } | undefined
  #attemptedAt = Number.NEGATIVE_INFINITY
  #attempt: Promise<void> | undefined

  /** @param tell - called when an attempt fails, so every ten seconds at most */
  constructor(
    load: () => Promise<JSONWebKeySet>,
    clock: SteadyClock,
    tell: (problem: Error) => void = () => {},
  ) {
    this.#tell = tell
    this.#load = load
    this.#clock = clock
  }

  /** The key of a token. @throws Fault unavailable; JOSEError where there is none */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#current()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayAttempt()) throw error
      // A key that is newer than what was read.
      await this.#read()
      return (await this.#current())(header, token)
    }
  }

  async #current(): Promise<JWTVerifyGetKey> {
    const age = this.#clock.now() - (this.#keys?.readAt ?? Number.NEGATIVE_INFINITY)
    if (age >= freshMs && this.#mayAttempt()) await this.#read()
    const keys = this.#keys
    if (keys !== undefined && this.#clock.now() - keys.readAt < staleMs) return keys.find
    throw new Fault('unavailable', 'the keys of the token issuer cannot be read now')
  }

  #mayAttempt(): boolean {
    return this.#attempt !== undefined || this.#clock.now() - this.#attemptedAt >= attemptEveryMs
  }

  /** Everybody who waits shares the attempt; a failed one leaves what was there. */
  #read(): Promise<void> {
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = undefined
    })
    return this.#attempt
  }

  async #try(): Promise<void> {
    this.#attemptedAt = this.#clock.now()
    try {
      const find = createLocalJWKSet(await this.#load())
      this.#keys = { find, readAt: this.#clock.now() }
    } catch (thrown) {
      // Who needs keys and has none says so.
      this.#tell(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }
}

/** Reads a key set. @param from - an https URL, one of http on this machine, or a path */
export function keySetLoader(from: string): () => Promise<JSONWebKeySet> {
  return /^https?:/.test(from) ? () => fetchKeys(from) : async () => parse(await readFile(from, 'utf8'))
}

async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const answer = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    // Where the keys come from is the operator's word, not a server's.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (!answer.ok) throw new Error(`the key set answered ${answer.status}`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer.body ?? []) {
    length += chunk.length
    if (length > bytesMax) throw new Error('the key set is too large')
    chunks.push(chunk)
  }
  return parse(Buffer.concat(chunks).toString('utf8'))
}

/** `createLocalJWKSet` refuses what is no key set. */
function parse(text: string): JSONWebKeySet {
  return JSON.parse(text) as JSONWebKeySet
}
