/**
 * Reads the bodies and import lines that clients commonly send without building them as JSON first: the known keys in any order, names
 * of printable ASCII without escapes. It never refuses: what is not that, or would be refused, is left to JSON.parse
 * and the decoders of ../../wire, and what is read here is what they would have made of it (a test compares).
 */
import type {
  BatchCheckRequest,
  ChangeRequest,
  CheckRequest,
  StoreRequest,
  WriteRequest,
} from '../../service/requests.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import { correlationIdPattern, ulidPattern } from '../../wire/patterns.ts'
import { isPrintable, Mould, type Span } from './mould.ts'

type Checks = BatchCheckRequest['checks']
type Check = Checks[number]

const tab = 9
const newline = 10
const carriageReturn = 13
const space = 32
const quote = 34
const hash = 35
const comma = 44
const colon = 58
const at = 64
const openList = 91
const closeList = 93
const open = 123
const close = 125

const nothing = Buffer.alloc(0)

/** Whether an id of a check may hold a byte, one of ASCII. */
const isInIds = Array.from({ length: 128 }, (_, byte) =>
  correlationIdPattern.test.test(String.fromCharCode(byte)),
)

/** One reader serves any number of connections: between two bodies it keeps nothing but the last relation's name. */
export class BodyReader {
  #bytes: Buffer = nothing
  /** Of a batch, from `#textFrom` on: its names and ids, which live no longer than it does, are slices of that. */
  #text: string | undefined
  #textFrom = 0
  #at = 0
  #end = 0
  /** The string that was read last, without its quotes. */
  #from = 0
  #to = 0
  /** What a request says beside its questions; undefined: nothing yet. */
  #model: string | undefined
  #consistency: string | undefined
  /** Is told where names stand, while the first of a batch's checks is read. */
  #mould: Mould | undefined
  /** Questions in a row ask for few relations: comparing with the last one is cheaper than another string. */
  #relation = ''

  /** `state` with what `decodeCheck` makes of the bytes; undefined when it has to be asked. */
  check(state: StoreRequest, bytes: Buffer, start: number, end: number): CheckRequest | undefined {
    this.#begin(bytes, start, end)
    let tuple: TupleKey | undefined
    if (!this.#take(open)) return undefined
    do {
      if (!this.#key()) return undefined
      if (this.#is('tuple_key')) {
        if (tuple !== undefined) return undefined
        tuple = this.#tupleKey()
        if (tuple === undefined) return undefined
      } else if (!this.#common()) return undefined
    } while (this.#take(comma))
    if (!this.#isOver() || tuple === undefined) return undefined
    if (this.#isBare(state)) return { store: state.store, tuple }
    return { ...state, tuple, ...this.#given() }
  }

  /** `state` with what `decodeBatchCheck` makes of the bytes; undefined when it has to be asked. */
  batchCheck(state: StoreRequest, bytes: Buffer, start: number, end: number): BatchCheckRequest | undefined {
    this.#begin(bytes, start, end)
    let checks: Checks | undefined
    if (!this.#take(open)) return undefined
    do {
      if (!this.#key()) return undefined
      if (this.#is('checks')) {
        if (checks !== undefined) return undefined
        checks = this.#checks()
        if (checks === undefined) return undefined
      } else if (!this.#common()) return undefined
    } while (this.#take(comma))
    if (!this.#isOver() || checks === undefined) return undefined
    return { ...state, checks, ...this.#given() }
  }

  /** `state` with what `decodeWrite` makes of the bytes, where tuples are keys alone; undefined when it has to be asked. */
  write(state: ChangeRequest, bytes: Buffer, start: number, end: number): WriteRequest | undefined {
    this.#begin(bytes, start, end)
    let writes: readonly TupleKey[] | undefined
    let deletes: readonly TupleKey[] | undefined
    if (!this.#take(open)) return undefined
    do {
      if (!this.#key()) return undefined
      if (writes === undefined && this.#is('writes')) {
        writes = this.#tupleKeys()
        if (writes === undefined) return undefined
      } else if (deletes === undefined && this.#is('deletes')) {
        deletes = this.#tupleKeys()
        if (deletes === undefined) return undefined
      } else if (!this.#is('authorization_model_id') || !this.#modelId()) return undefined
    } while (this.#take(comma))
    if (!this.#isOver()) return undefined
    const { store, provenance } = state
    if (provenance !== undefined && this.#isBare(state)) {
      if (deletes === undefined && writes !== undefined) return { store, provenance, writes }
      if (writes === undefined && deletes !== undefined) return { store, provenance, deletes }
    }
    return {
      ...state,
      ...(writes === undefined ? {} : { writes }),
      ...(deletes === undefined ? {} : { deletes }),
      ...this.#given(),
    }
  }

  /** `{"tuple_keys": [...]}`, with one at least. */
  #tupleKeys(): readonly TupleKey[] | undefined {
    if (!this.#take(open) || !this.#key() || !this.#is('tuple_keys') || !this.#take(openList))
      return undefined
    const tuples: TupleKey[] = []
    do {
      const tuple = this.#tupleKey()
      if (tuple === undefined) return undefined
      tuples.push(tuple)
    } while (this.#take(comma))
    return this.#take(closeList) && this.#take(close) ? tuples : undefined
  }

  /** What `decodeLine` makes of the bytes, for a tuple of three names; undefined when it has to be asked. */
  tuple(bytes: Buffer, start: number, end: number): TupleKey | undefined {
    this.#begin(bytes, start, end)
    const tuple = this.#tupleKey()
    const isOver = this.#next() === undefined
    this.#bytes = nothing
    return isOver ? tuple : undefined
  }

  #checks(): Checks | undefined {
    const checks: Check[] = []
    const mould = new Mould()
    this.#textFrom = this.#at
    this.#text = this.#bytes.toString('latin1', this.#at, this.#end)
    if (!this.#take(openList)) return undefined
    do {
      const check = this.#moulded(mould) ?? this.#check(mould)
      if (check === undefined) return undefined
      checks.push(check)
    } while (this.#take(comma))
    return this.#take(closeList) ? checks : undefined
  }

  #check(mould: Mould): Check | undefined {
    let correlationId: string | undefined
    let tuple: TupleKey | undefined
    mould.begin(this.#at)
    this.#mould = mould
    if (!this.#take(open)) return undefined
    do {
      if (!this.#key()) return undefined
      if (tuple === undefined && this.#is('tuple_key')) {
        tuple = this.#tupleKey()
        if (tuple === undefined) return undefined
      } else if (correlationId === undefined && this.#is('correlation_id')) {
        if (!this.#string()) return undefined
        correlationId = this.#textOf(this.#from, this.#to)
        mould.note('id', this.#from, this.#to)
      } else return undefined
    } while (this.#take(comma))
    this.#mould = undefined
    if (!this.#take(close) || tuple === undefined || correlationId === undefined) return undefined
    if (!correlationIdPattern.test.test(correlationId)) return undefined
    mould.end(this.#at)
    return { correlationId, tuple }
  }

  /** A check written as the one before was, but for its names; undefined: it is not, and nothing was taken. */
  #moulded(mould: Mould): Check | undefined {
    const end = mould.fit(this.#bytes, this.#at, this.#end)
    if (end === undefined) return undefined
    const { user, relation, object, id } = mould.names
    if (!isLong(user, 2, 512) || !isLong(object, 2, 256) || !this.#isId(id)) return undefined
    this.#from = relation.from
    this.#to = relation.to
    if (!this.#is(this.#relation)) return undefined
    this.#at = end
    const subject = this.#textOf(user.from, user.to)
    const tuple = { object: this.#textOf(object.from, object.to), relation: this.#relation, subject }
    return { correlationId: this.#textOf(id.from, id.to), tuple }
  }

  /** What the pattern says, at a fraction of what an expression costs. */
  #isId(id: Span): boolean {
    if (!isLong(id, 1, 36)) return false
    for (let i = id.from; i < id.to; i++) if (!isInIds[this.#bytes[i] as number]) return false
    return true
  }

  #tupleKey(): TupleKey | undefined {
    let subject: string | undefined
    let relation: string | undefined
    let object: string | undefined
    if (!this.#take(open)) return undefined
    do {
      if (!this.#key()) return undefined
      if (subject === undefined && this.#is('user')) {
        subject = this.#name(2, 512)
        if (subject === undefined) return undefined
        this.#mould?.note('user', this.#from, this.#to)
      } else if (relation === undefined && this.#is('relation')) {
        relation = this.#relationName()
        if (relation === undefined) return undefined
        this.#mould?.note('relation', this.#from, this.#to)
      } else if (object === undefined && this.#is('object')) {
        object = this.#name(2, 256)
        if (object === undefined) return undefined
        this.#mould?.note('object', this.#from, this.#to)
      } else return undefined
    } while (this.#take(comma))
    if (!this.#take(close) || subject === undefined || relation === undefined || object === undefined) {
      return undefined
    }
    return { object, relation, subject }
  }

  /** Whether the member whose key was read is a field of every question, and fine. */
  #common(): boolean {
    if (this.#is('authorization_model_id')) return this.#modelId()
    if (this.#consistency === undefined && this.#is('consistency')) {
      if (!this.#string()) return false
      this.#consistency = this.#own()
      return /^(?:UNSPECIFIED|MINIMIZE_LATENCY|HIGHER_CONSISTENCY)$/.test(this.#consistency)
    }
    return false
  }

  /** The value of `authorization_model_id`, which every request has. */
  #modelId(): boolean {
    if (this.#model !== undefined || !this.#string()) return false
    this.#model = this.#own()
    return this.#model === '' || ulidPattern.test.test(this.#model)
  }

  /** Nothing but a store and a question, as nearly every check is: the one literal is many times cheaper. */
  #isBare(state: StoreRequest): boolean {
    return state.atLeastAsFresh === undefined && this.#model === undefined && this.#consistency === undefined
  }

  #given(): { readonly model?: string; readonly higherConsistency?: boolean } {
    return {
      ...(this.#model ? { model: this.#model } : {}),
      ...(this.#consistency === 'HIGHER_CONSISTENCY' ? { higherConsistency: true } : {}),
    }
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#text = undefined
    this.#mould = undefined
    this.#model = undefined
    this.#consistency = undefined
  }

  /** The end of the request, and nothing after it. */
  #isOver(): boolean {
    const is = this.#take(close) && this.#next() === undefined
    this.#bytes = nothing
    this.#text = undefined
    return is
  }

  /** A name of so many characters; undefined: not one that everybody would take. */
  #name(least: number, most: number): string | undefined {
    if (!this.#string()) return undefined
    const length = this.#to - this.#from
    return length < least || length > most ? undefined : this.#textOf(this.#from, this.#to)
  }

  #relationName(): string | undefined {
    if (!this.#string()) return undefined
    if (this.#relation !== '' && this.#is(this.#relation)) return this.#relation
    const length = this.#to - this.#from
    if (length < 1 || length > 50 || !this.#isRelation()) return undefined
    this.#relation = this.#own()
    return this.#relation
  }

  #isRelation(): boolean {
    for (let i = this.#from; i < this.#to; i++) {
      const byte = this.#bytes[i]
      if (byte === colon || byte === hash || byte === at) return false
    }
    return true
  }

  /** A string and the colon after it. */
  #key(): boolean {
    return this.#string() && this.#take(colon)
  }

  /** A string of printable ASCII without spaces and escapes. */
  #string(): boolean {
    if (!this.#take(quote)) return false
    const bytes = this.#bytes
    for (let i = this.#at; i < this.#end; i++) {
      const byte = bytes[i] ?? 0
      if (byte === quote) {
        this.#from = this.#at
        this.#to = i
        this.#at = i + 1
        return true
      }
      if (!isPrintable(byte)) return false
    }
    return false
  }

  /** Whether the string that was read last is `text`. */
  #is(text: string): boolean {
    if (this.#to - this.#from !== text.length) return false
    for (let i = 0; i < text.length; i++) {
      if (this.#bytes[this.#from + i] !== text.charCodeAt(i)) return false
    }
    return true
  }

  /** In a batch a slice, at a tenth of what the way to native code and back costs. */
  #textOf(from: number, to: number): string {
    if (this.#text === undefined) return this.#bytes.toString('latin1', from, to)
    return this.#text.slice(from - this.#textFrom, to - this.#textFrom)
  }

  /** A string of its own: no slice that would keep the whole body alive in whatever cache it ends up in. */
  #own(): string {
    return this.#bytes.toString('latin1', this.#from, this.#to)
  }

  #take(byte: number): boolean {
    if (this.#next() !== byte) return false
    this.#at++
    return true
  }

  /** The next byte that is no white space, not taken; undefined at the end. */
  #next(): number | undefined {
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at]
      if (byte !== space && byte !== newline && byte !== carriageReturn && byte !== tab) return byte
      this.#at++
    }
    return undefined
  }
}

function isLong({ from, to }: Span, least: number, most: number): boolean {
  return to - from >= least && to - from <= most
}
