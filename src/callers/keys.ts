/**
 * The keys of callers: made, rotated, revoked and looked up. All of them are in memory; each change is on the shelf
 * (the data folder) before anybody is told of it. Whole keys leave here once, when they are made.
 */
import type { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { hashSecret, isSecret, newSecret } from '../lib/secret.ts'
import { monotonicUlid } from '../lib/ulid.ts'
import { isActor, mayBind } from './actor.ts'
import type { Caller } from './caller.ts'
import type { Bearers, Known } from './gate.ts'
import { parseKey, printKey } from './key-text.ts'
import { decodeRecord, encodeRecord, type KeyRecord } from './record.ts'
import { Scopes } from './scopes.ts'

/** Where records are kept: durable when `putCredential` resolves. */
export interface Shelf {
  credentials(): Promise<readonly { readonly id: string; readonly document: JsonObject }[]>
  putCredential(id: string, document: JsonObject): Promise<void>
}

/** What may be told of a key. */
export interface KeyInfo {
  readonly id: string
  readonly name: string
  readonly scopes: Scopes
  /** The user it is bound to. */
  readonly actor: string | undefined
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  /** Since this process started; undefined: not yet. */
  readonly usedAt: number | undefined
  /** Until when the secret before the last rotation opens; undefined: it does not. */
  readonly overlapsUntil: number | undefined
}

/** Something was done to a key, for the log. */
export interface KeyEvent {
  readonly what: 'created' | 'rotated' | 'revoked'
  readonly key: KeyInfo
  /** The id of the caller who did it. */
  readonly by: string
}

export interface NewKey {
  readonly name: string
  readonly scopes: Scopes
  /** The user it is bound to; absent: the maker's, unless the maker may act for anybody. */
  readonly actor?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** A key as it is asked for, its words read. @throws Fault validation_error */
export function newKey(
  asked: {
    readonly name: string
    readonly scopes: readonly string[]
    readonly actor?: string
    readonly expiresInMs?: number
  },
  now: number,
): NewKey {
  const { name, scopes, actor, expiresInMs } = asked
  return {
    name,
    scopes: Scopes.of(scopes),
    ...(actor === undefined ? {} : { actor }),
    ...(expiresInMs === undefined ? {} : { expiresAt: now + expiresInMs }),
  }
}

/** Living keys; more are a leak in somebody's automation, and all of them are in memory. */
const keysMax = 10_000

interface Held {
  readonly record: KeyRecord
  readonly scopes: Scopes
  readonly caller: Caller
  /** The same, by the secret before the last rotation. */
  readonly succeeded: Caller
  usedAt: number | undefined
}

export class KeyRing implements Bearers {
  readonly #shelf: Shelf
  readonly #clock: SteadyClock
  readonly #held = new Map<string, Held>()
  readonly #newId: () => string
  /** Called after every change. */
  onEvent: (event: KeyEvent) => void = () => {}
  /** Changes come one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(shelf: Shelf, clock: SteadyClock, records: readonly KeyRecord[]) {
    this.#shelf = shelf
    this.#clock = clock
    for (const record of records) this.#hold(record)
    const lastId = records
      .map(({ id }) => id)
      .sort()
      .at(-1)
    this.#newId = monotonicUlid(() => clock.now(), lastId)
  }

  /** @throws Error where the shelf holds what is no key */
  static async open(shelf: Shelf, clock: SteadyClock): Promise<KeyRing> {
    const rows = await shelf.credentials()
    return new KeyRing(
      shelf,
      clock,
      rows.map(({ id, document }) => decodeRecord(id, document)),
    )
  }

  /** Keys that were not revoked; those that have expired still count. */
  get size(): number {
    return [...this.#held.values()].filter(({ record }) => record.revokedAt === undefined).length
  }

  looksLike(text: string): boolean {
    return text.startsWith('kith_')
  }

  /** O(1), and one hash. */
  find(text: string, now: number): Known | undefined {
    const parts = parseKey(text)
    const held = parts === undefined ? undefined : this.#held.get(parts.id)
    if (parts === undefined || held === undefined || held.record.revokedAt !== undefined) return undefined
    const { secrets, expiresAt = Number.POSITIVE_INFINITY } = held.record
    for (const each of secrets) {
      const until = Math.min(expiresAt, each.until ?? Number.POSITIVE_INFINITY)
      if (until <= now || !isSecret(parts.secret, each)) continue
      held.usedAt = now
      return { caller: each === secrets[0] ? held.caller : held.succeeded, until }
    }
    return undefined
  }

  /** Oldest first; those that `viewer` could have made. */
  list(viewer: Caller): readonly KeyInfo[] {
    const visible = [...this.#held.values()].filter((held) => couldMake(viewer, held))
    return visible.map(infoOf).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** @throws Fault forbidden where `by` has not itself what it gives; unauthenticated; validation_error; unavailable */
  create(made: NewKey, by: Caller): Promise<{ readonly info: KeyInfo; readonly key: string }> {
    return this.#inTurn(async () => {
      const maker = this.#makerOf(by)
      if (!by.scopes.cover(made.scopes)) {
        throw new Fault('forbidden', 'a key can be given only what its maker may do itself')
      }
      const actor = actorOf(made, by)
      if (this.size >= keysMax)
        throw new Fault('validation_error', `there are ${keysMax} keys already: revoke some`)
      const secret = newSecret()
      const record: KeyRecord = {
        id: this.#newId(),
        name: made.name,
        scopes: made.scopes.words,
        actor,
        createdAt: this.#clock.now(),
        createdBy: by.id,
        expiresAt: endOf(made, maker),
        revokedAt: undefined,
        secrets: [{ ...hashSecret(secret), until: undefined }],
      }
      const info = await this.#put('created', record, by)
      return { info, key: printKey({ id: record.id, secret }) }
    })
  }

  /**
   * Another secret for the key; the one before opens for `overlapMs` more, those before that no longer.
   * @throws Fault key_not_found, unauthenticated, unavailable
   */
  rotate(
    id: string,
    overlapMs: number,
    by: Caller,
  ): Promise<{ readonly info: KeyInfo; readonly key: string }> {
    return this.#inTurn(async () => {
      this.#makerOf(by)
      const { record } = this.#demand(id, by)
      if (record.revokedAt !== undefined) throw notFound()
      const now = this.#clock.now()
      const secret = newSecret()
      const [newest] = record.secrets
      const before = newest === undefined || overlapMs === 0 ? [] : [{ ...newest, until: now + overlapMs }]
      const rotated = { ...record, secrets: [{ ...hashSecret(secret), until: undefined }, ...before] }
      const info = await this.#put('rotated', rotated, by)
      return { info, key: printKey({ id, secret }) }
    })
  }

  /** From when this resolves on, no request passes with it. Safe to call again. @throws Fault key_not_found, unavailable */
  async revoke(id: string, by: Caller): Promise<KeyInfo> {
    const { record } = this.#demand(id, by)
    // Also when it is revoked in memory already: the shelf may have failed before.
    const revoked = { ...record, revokedAt: record.revokedAt ?? this.#clock.now(), secrets: [] }
    // INVARIANT: closed before it is durable, and before its turn comes; whatever becomes of the write, or of changes
    // under way, it does not open again here.
    const key = infoOf(this.#hold(revoked))
    this.onEvent({ what: 'revoked', key, by: by.id })
    await this.#inTurn(() => this.#shelf.putCredential(id, encodeRecord(revoked)))
    return key
  }

  /**
   * The key that asks, where it is one. INVARIANT: one that is revoked leaves no other behind, whatever its requests
   * were waiting for; nor does a secret that was rotated out: it would live on in what it made.
   * @throws Fault unauthenticated, forbidden
   */
  #makerOf(by: Caller): KeyRecord | undefined {
    if (by.isSucceeded === true) {
      throw new Fault('forbidden', 'the key was rotated: only its new secret makes or rotates keys')
    }
    const record = by.kind === 'key' ? this.#held.get(by.id.slice('key:'.length))?.record : undefined
    if (record?.revokedAt !== undefined) throw new Fault('unauthenticated', 'the key was revoked meanwhile')
    return record
  }

  async #put(what: KeyEvent['what'], record: KeyRecord, by: Caller): Promise<KeyInfo> {
    await this.#shelf.putCredential(record.id, encodeRecord(record))
    // Revoked meanwhile.
    if (this.#held.get(record.id)?.record.revokedAt !== undefined) throw notFound()
    const key = infoOf(this.#hold(record))
    this.onEvent({ what, key, by: by.id })
    return key
  }

  #hold(record: KeyRecord): Held {
    const scopes = Scopes.of(record.scopes)
    const { actor } = record
    const bound = actor === undefined ? {} : { actor }
    const caller: Caller = { id: `key:${record.id}`, kind: 'key', scopes, ...bound }
    const succeeded: Caller = { ...caller, isSucceeded: true }
    const held = { record, scopes, caller, succeeded, usedAt: this.#held.get(record.id)?.usedAt }
    this.#held.set(record.id, held)
    return held
  }

  #demand(id: string, by: Caller): Held {
    const held = this.#held.get(id)
    if (held === undefined || !couldMake(by, held)) throw notFound()
    return held
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }
}

/** INVARIANT: a key made with a key lives no longer than that. */
function endOf(
  { expiresAt = Number.POSITIVE_INFINITY }: NewKey,
  maker: KeyRecord | undefined,
): number | undefined {
  const end = Math.min(expiresAt, maker?.expiresAt ?? Number.POSITIVE_INFINITY)
  return end === Number.POSITIVE_INFINITY ? undefined : end
}

/** For whom a new key acts. @throws Fault validation_error, forbidden */
function actorOf(made: NewKey, by: Caller): string | undefined {
  if (made.actor !== undefined && !isActor(made.actor)) {
    throw new Fault('validation_error', 'the actor of a key is one user, such as user:anne')
  }
  const actor = made.actor ?? (mayBind(by, made.scopes, undefined) ? undefined : by.actor)
  if (mayBind(by, made.scopes, actor)) return actor
  throw new Fault('forbidden', 'a key can be bound to a user only by who acts for that user, or has `act`')
}

/** A key that could do more than `by`, or acts for somebody else, is none of its business: rotating shows a secret. */
function couldMake(by: Caller, { scopes, record: { actor } }: Held): boolean {
  return by.scopes.cover(scopes) && mayBind(by, scopes, actor)
}

function notFound(): Fault {
  return new Fault('key_not_found', 'there is no such key')
}

function infoOf({ record, scopes, usedAt }: Held): KeyInfo {
  const { secrets, ...rest } = record
  const { id, name, actor, createdAt, createdBy, expiresAt, revokedAt } = rest
  const overlapsUntil = secrets[1]?.until
  return { id, name, scopes, actor, createdAt, createdBy, expiresAt, revokedAt, usedAt, overlapsUntil }
}
