/**
 * The gate: from credentials to a caller, the same for every door. It asks each kind of credentials that is turned on;
 * with none turned on, everybody is anonymous and may do everything. It decides nothing about stores: scopes.ts.
 */
import { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'
import { anonymous, type Caller } from './caller.ts'
import type { Certificate, Certificates } from './certificate.ts'

/** What a request shows of who sent it. */
export interface Credentials {
  /** The header of that name, whole. */
  readonly authorization: string | undefined
  /** Of its connection, where TLS has believed one. */
  readonly certificate?: Certificate | undefined
}

/** A caller, and how long it is known to be that. */
export interface Identity {
  readonly caller: Caller
  /** Milliseconds since the epoch; Infinity where nothing ends it. */
  readonly until: number
  /** Of the gate, when it said so. */
  readonly version: number
}

/** What a kind of credentials knows of one of them: nothing, or who shows it. */
export interface Known {
  readonly caller: Caller
  readonly until: number
}

/** One kind of bearer credentials: which texts look like it, and whose they are. */
export interface Bearers {
  looksLike(text: string): boolean
  /** @throws Fault unavailable, where it cannot be told now */
  find(text: string, now: number): Known | undefined | Promise<Known | undefined>
}

/** Which credentials are asked for; with none of them, the gate is open. */
export interface Kinds {
  /** The first that a text looks like decides. */
  readonly bearers: readonly Bearers[]
  readonly certificates?: Certificates | undefined
}

export class Gate {
  #kinds: Kinds
  readonly #clock: SteadyClock
  #version = 0

  /** Open where no kinds are given. */
  constructor(kinds: Kinds = { bearers: [] }, clock: SteadyClock = new SteadyClock()) {
    this.#kinds = kinds
    this.#clock = clock
  }

  /** Credentials have to be shown. */
  get isClosed(): boolean {
    return this.#kinds.bearers.length > 0 || this.#kinds.certificates !== undefined
  }

  /** The same kinds, knowing others: what was known before is asked for again. */
  know(kinds: Kinds): void {
    this.#kinds = kinds
    this.forget()
  }

  /** Every identity given so far has to be asked for again: a key was made, rotated or revoked. */
  forget(): void {
    this.#version++
  }

  /** Whether a request with the same credentials, now, is the same caller's. Cheap: for connections that are kept. */
  holds(identity: Identity): boolean {
    const { version, until } = identity
    return version === this.#version && (until === Number.POSITIVE_INFINITY || this.#clock.now() < until)
  }

  /** Within the turn, except for a token that was not seen lately. @throws Fault unauthenticated, unavailable */
  identify({ authorization, certificate }: Credentials): Identity | Promise<Identity> {
    if (!this.isClosed) return this.#identity(everybody)
    const { bearers, certificates } = this.#kinds
    // A bearer that is shown decides alone: who sends a wrong one did not mean to be its connection.
    if (authorization === undefined && certificate !== undefined && certificates !== undefined) {
      return this.#identity(certificates.find(certificate))
    }
    const text = bearerOf(authorization)
    const version = this.#version
    const known = bearers.find((kind) => kind.looksLike(text))?.find(text, this.#clock.now())
    if (known instanceof Promise) return known.then((settled) => this.#identity(settled, version))
    return this.#identity(known, version)
  }

  /** The same where it can be told within the turn, and is somebody; for doors that leave the rest to another. */
  recall(credentials: Credentials): Identity | undefined {
    try {
      const identity = this.identify(credentials)
      if (!(identity instanceof Promise)) return identity
      identity.catch(() => {})
    } catch {
      // Whoever is asked next refuses in full.
    }
    return undefined
  }

  #identity(known: Known | undefined, version = this.#version): Identity {
    if (known === undefined || known.until <= this.#clock.now()) throw unknownCredentials()
    return { caller: known.caller, until: known.until, version }
  }
}

const everybody: Known = { caller: anonymous, until: Number.POSITIVE_INFINITY }

/** Longer ones are refused unread: node:http takes 16 KiB of headers. */
const bearerMax = 12_288
const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new Fault('unauthenticated', 'credentials are needed: send `Authorization: Bearer KEY`')
  }
  const text = authorization.length > bearerMax ? undefined : bearer.exec(authorization)?.[1]
  if (text === undefined) throw unknownCredentials()
  return text
}

/** One answer to all of them: what is wrong with a credential is nobody's business. */
function unknownCredentials(): Fault {
  return new Fault('unauthenticated', 'the credentials are unknown or no longer valid')
}
