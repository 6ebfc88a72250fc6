/**
 * Bearer tokens of OpenID Connect: who shows one, as its issuer signed it. Issuer, audience, algorithm and end are all
 * demanded. A token verified lately is known without its signature, for minutes; nothing of it is kept but a hash.
 */
import { hash } from 'node:crypto'
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import type { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'
import { Lru } from '../lib/lru.ts'
import { isActor } from './actor.ts'
import type { Bearers, Known } from './gate.ts'
import { Scopes } from './scopes.ts'

export interface TokenRules {
  readonly issuer: string
  readonly audience: string
  /** Of signatures, by public keys only. */
  readonly algorithms: readonly string[]
  /** How far the issuer's clock may be off. */
  readonly skewMs: number
  /** The claim that carries scopes: words with spaces between them, or an array of words. */
  readonly scopeClaim: string
  /** The word in it that means everything; undefined: none does. */
  readonly adminWord?: string | undefined
  /** The claim that holds the id of the user it acts for; undefined: it acts for nobody. */
  readonly actorClaim?: string | undefined
  /** What the operator gives to subjects by name, beside what their tokens say. */
  readonly grants?: ReadonlyMap<string, readonly string[]>
}

/** For so long a verified token is not verified again: a key that its issuer withdrew is believed that much longer. */
const believedMs = 300_000
/** From then on it is verified again behind a request that still believes it, so that busy callers never wait. */
const renewedAfterMs = 240_000
/** Some 200 bytes each. */
const tokensMax = 10_000

/**
 * Signatures looked at at once, and wrong ones in a second, before tokens that are not known yet are told to come again:
 * anybody can make tokens whose signature has to be looked at to be found wrong, 100 us each. What is known already,
 * and keys, are not in their way.
 */
const verificationsMax = 32
const wrongPerSecondMax = 100

interface Verified {
  readonly known: Known
  readonly verifiedAt: number
  isRenewing: boolean
}

export class Tokens implements Bearers {
  readonly #rules: TokenRules
  readonly #keys: JWTVerifyGetKey
  readonly #clock: SteadyClock
  readonly #verified = new Lru<string, Verified>(tokensMax)
  /** Those whose signature is being looked at: who comes meanwhile waits for the same. */
  readonly #underWay = new Map<string, Promise<Known | undefined>>()
  /** Signatures found wrong in the second that began at `since`. */
  #wrong = { since: 0, count: 0 }

  constructor(rules: TokenRules, keys: JWTVerifyGetKey, clock: SteadyClock) {
    this.#rules = rules
    this.#keys = keys
    this.#clock = clock
  }

  /** Three parts: what is signed. Encrypted ones have five. */
  looksLike(text: string): boolean {
    return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text)
  }

  /** @throws Fault unavailable where the issuer's keys cannot be read; overloaded where too many have to be verified */
  find(text: string, now: number): Known | undefined | Promise<Known | undefined> {
    const name = hash('sha256', text, 'base64')
    const verified = this.#verified.get(name)
    const age = verified === undefined ? believedMs : now - verified.verifiedAt
    if (verified === undefined || age >= believedMs) return this.#meet(text, name, now)
    if (age >= renewedAfterMs) this.#renew(verified, text, name)
    // Asked again in time for the renewal, and never believed for longer than the rule.
    const until = verified.verifiedAt + (age >= renewedAfterMs ? believedMs : renewedAfterMs)
    return { caller: verified.known.caller, until: Math.min(verified.known.until, until) }
  }

  /** One that is not known: what no signature would mend is told without looking at it. */
  #meet(text: string, name: string, now: number): undefined | Promise<Known | undefined> {
    if (!this.#isPlausible(text, now)) return undefined
    const isNew = !this.#underWay.has(name)
    if (isNew && (this.#underWay.size >= verificationsMax || this.#wrongLately(now) >= wrongPerSecondMax)) {
      throw new Fault('overloaded', 'too many tokens have to be verified at once, try again later')
    }
    return this.#verify(text, name)
  }

  /** Whether it says of itself what it must. Decides nothing: what passes is verified in full. */
  #isPlausible(text: string, now: number): boolean {
    const { issuer, audience, algorithms, skewMs } = this.#rules
    try {
      const { alg = '' } = decodeProtectedHeader(text)
      const { iss, aud = [], exp = 0 } = decodeJwt(text)
      const isLate = exp * 1_000 + skewMs <= now
      return algorithms.includes(alg) && iss === issuer && [aud].flat().includes(audience) && !isLate
    } catch {
      return false
    }
  }

  #wrongLately(now: number): number {
    if (now - this.#wrong.since >= 1_000) this.#wrong = { since: now, count: 0 }
    return this.#wrong.count
  }

  #renew(verified: Verified, text: string, name: string): void {
    if (verified.isRenewing) return
    verified.isRenewing = true
    this.#verify(text, name).then(
      (known) => {
        if (known === undefined) this.#verified.delete(name)
      },
      () => {
        // The issuer does not answer: what is believed is believed to its end.
        verified.isRenewing = false
      },
    )
  }

  #verify(text: string, name: string): Promise<Known | undefined> {
    const underWay = this.#underWay.get(name)
    if (underWay !== undefined) return underWay
    const begun = this.#read(text, name).finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, begun)
    return begun
  }

  async #read(text: string, name: string): Promise<Known | undefined> {
    const { issuer, audience, algorithms, skewMs } = this.#rules
    const now = this.#clock.now()
    const rules = {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: skewMs / 1_000,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    }
    try {
      const { payload } = await jwtVerify(text, this.#keys, rules)
      const known = this.#knownBy(payload)
      if (known === undefined) return undefined
      this.#verified.set(name, { known, verifiedAt: now, isRenewing: false })
      return { caller: known.caller, until: Math.min(known.until, now + renewedAfterMs) }
    } catch (error) {
      // The reason would tell a forger how far it came.
      if (error instanceof errors.JOSEError) {
        this.#wrong.count++
        return undefined
      }
      throw error
    }
  }

  #knownBy(payload: JWTPayload): Known | undefined {
    const { exp = 0, sub, client_id: client, azp } = payload
    const subject = [sub, client, azp].find((claim) => typeof claim === 'string' && isName(claim))
    if (typeof subject !== 'string') return undefined
    const { scopeClaim, adminWord, actorClaim, grants, skewMs } = this.#rules
    const scopes = Scopes.of([
      ...Scopes.among(wordsIn(payload[scopeClaim]), adminWord).words,
      ...(grants?.get(subject) ?? []),
    ])
    const bound = actorClaim === undefined ? {} : boundTo(payload[actorClaim])
    return {
      caller: { id: `token:${subject}`, kind: 'token', scopes, ...bound },
      until: exp * 1_000 + skewMs,
    }
  }
}

/** What may stand in logs and in the changelog. */
function isName(claim: string): boolean {
  return claim.length > 0 && claim.length <= 256 && claim.isWellFormed() && !/\p{Cc}/u.test(claim)
}

/** What is no id of a user is nobody: then whatever needs one is refused. */
function boundTo(claim: unknown): { readonly actor?: string } {
  const actor = `user:${typeof claim === 'string' ? claim : ''}`
  return isActor(actor) ? { actor } : {}
}

/** More words than anybody needs are none. */
const wordsMax = 200

function wordsIn(claim: unknown): readonly string[] {
  const words = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return words.length > wordsMax ? [] : words.filter((word) => typeof word === 'string')
}
