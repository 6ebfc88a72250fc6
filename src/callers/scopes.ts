/**
 * Scopes: what a caller may do, as words. Not who it is: caller.ts. Nothing is allowed that no word says.
 *
 *   *                        everything
 *   check                    on every store
 *   check:STORE              on one store, by id
 *   check:STORE:TYPE         about its objects of one type; `check:*:TYPE` in every store
 */
import { Fault } from '../lib/fault.ts'

/** What a word can allow, and how far it can be narrowed: to a store, to a type of its objects, or not at all. */
const reaches = {
  /** Questions about one object: check, batch-check. */
  check: 'type',
  /** Who and what: list-objects, list-users. */
  list: 'type',
  /** Tuples and models as they are stored, and the reasons of an answer, which show them. */
  read: 'type',
  /** Tuples: write, import. */
  write: 'type',
  /** Models and their assertions. */
  model: 'store',
  /** Making, renaming and deleting stores; making one needs the word for every store. */
  stores: 'store',
  /** Users, groups and what belongs to them: the management of an organization. */
  directory: 'store',
  /** People and groups as the identity provider keeps them: SCIM. */
  scim: 'store',
  /** Who signed in, and with which groups; invitations that are accepted. Of the application's own sign-in. */
  login: 'store',
  /** What was used: events of the application. */
  usage: 'store',
  /** Who may do what, and what was changed by whom, for those who look it over. */
  audit: 'store',
  /** Naming the user for whom it acts: `Kith-Actor`. */
  act: 'store',
  /** Tuples of an organization as they are stored, past its management; beside `write`. */
  tuples: 'store',
  /** The keys of callers. */
  keys: 'folder',
  /** All that is stored, in one file. */
  backup: 'folder',
  /** What the process does: caches, memory, metrics. */
  debug: 'folder',
} as const satisfies Record<string, 'folder' | 'store' | 'type'>

export type Right = keyof typeof reaches

export const rights: readonly Right[] = Object.freeze(Object.keys(reaches) as Right[])

const everywhere = '*'
/** Of our words in a token. */
const prefix = 'kith:'

/** Types of objects; all of them, or these. */
export type Types = 'all' | ReadonlySet<string>

export class Scopes {
  static readonly all = Scopes.of(['*'])
  static readonly none = Scopes.of([])

  /** In the order given. */
  readonly words: readonly string[]
  /** By right and store, `*` for every other store; what holds everywhere is in each. */
  readonly #types = new Map<Right, Map<string, Types>>()

  /** The stores that any word is about. */
  readonly stores: 'all' | ReadonlySet<string>

  private constructor(words: readonly string[], parts: readonly Part[]) {
    this.words = Object.freeze([...words])
    for (const { right, store, type } of parts) {
      const stores = this.#types.get(right) ?? new Map<string, Types>()
      this.#types.set(right, stores.set(store, join(stores.get(store), type)))
    }
    for (const stores of this.#types.values()) {
      const general = stores.get(everywhere)
      if (general !== undefined) for (const [store, types] of stores) stores.set(store, union(types, general))
    }
    this.stores = storesOf(this.#types)
  }

  /** @throws Fault validation_error, naming the word that means nothing */
  static of(words: readonly string[]): Scopes {
    return new Scopes(words, words.flatMap(partsOf))
  }

  /**
   * What the words of a token allow. They are for other services too: only `kith:check` and the like are ours, and only
   * `admin`, where there is such a word, is everything. @param admin - spelt as in the token
   */
  static among(words: readonly string[], admin?: string): Scopes {
    const ours = words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length))
    const known = ours.filter((word) => word !== everywhere && problemWith(word) === undefined)
    return Scopes.of(admin !== undefined && words.includes(admin) ? [everywhere, ...known] : known)
  }

  /** @param store - undefined: not of one store, so the right must hold for all */
  permits(right: Right, store: string | undefined): boolean {
    return this.typesOf(right, store) !== undefined
  }

  /** The types of objects a right holds for; undefined: it does not hold. Two lookups. */
  typesOf(right: Right, store: string | undefined): Types | undefined {
    const stores = this.#types.get(right)
    if (stores === undefined) return undefined
    return (store === undefined ? undefined : stores.get(store)) ?? stores.get(everywhere)
  }

  /** Whether nothing is allowed by `others` that is not allowed here. */
  cover(others: Scopes): boolean {
    for (const [right, stores] of others.#types) {
      for (const [store, types] of stores) {
        if (!includes(this.typesOf(right, store), types)) return false
      }
    }
    return true
  }
}

function storesOf(types: ReadonlyMap<Right, ReadonlyMap<string, Types>>): 'all' | ReadonlySet<string> {
  const ids = new Set<string>()
  for (const [right, stores] of types) {
    if (reaches[right] === 'folder') continue
    if (stores.has(everywhere)) return 'all'
    for (const id of stores.keys()) ids.add(id)
  }
  return ids
}

interface Part {
  readonly right: Right
  readonly store: string
  readonly type: string
}

/** What one word allows. @throws Fault validation_error */
function partsOf(word: string): readonly Part[] {
  const problem = problemWith(word)
  if (problem !== undefined) throw new Fault('validation_error', problem)
  const [right = '', store = everywhere, type = everywhere] = word.split(':')
  const named = right === '*' ? rights : rights.filter((known) => known === right)
  return named.map((each) => ({ right: each, store, type }))
}

const storePattern = /^[0-9A-HJKMNP-TV-Z]{26}$/
const typePattern = /^[^:#@*\s]{1,254}$/

function problemWith(word: string): string | undefined {
  const shown = JSON.stringify(word.slice(0, 64))
  const [right = '', store, type, ...rest] = word.split(':')
  if (word === '*') return undefined
  const known = rights.find((each) => each === right)
  if (known === undefined) {
    return `the scope ${shown} is unknown: it begins with one of ${rights.join(', ')}, or is *`
  }
  const reach = reaches[known]
  if (store !== undefined && reach === 'folder') return `the scope ${shown} takes no store: write ${known}`
  if (type !== undefined && reach !== 'type') return `the scope ${shown} takes no type of objects`
  if (store !== undefined && store !== everywhere && !storePattern.test(store)) {
    return `the scope ${shown} names no store: write ${known}:ID, or ${known} for all`
  }
  if (type !== undefined && type !== everywhere && !typePattern.test(type)) {
    return `the scope ${shown} names no type of objects: write ${known}:STORE:TYPE`
  }
  return rest.length > 0 ? `the scope ${shown} has too many parts` : undefined
}

function join(types: Types | undefined, type: string): Types {
  return union(types, type === everywhere ? 'all' : new Set([type]))
}

function union(some: Types | undefined, others: Types): Types {
  if (some === undefined) return others
  if (some === 'all' || others === 'all') return 'all'
  return new Set([...some, ...others])
}

function includes(some: Types | undefined, others: Types): boolean {
  if (some === undefined || some === 'all') return some === 'all'
  return others !== 'all' && [...others].every((type) => some.has(type))
}
