/**
 * People of an organization as rules see them, in memory: what makes a question about everybody one of milliseconds. Built when
 * first asked for, then told of every commit; inactive people are in it as nobody.
 *
 * INVARIANT: what is kept shows the applied state. One of more than 250,000 is read anew each time.
 */
import type { JsonObject } from '../../lib/json.ts'
import { Lru } from '../../lib/lru.ts'
import { type RuleUser, ruleUser } from '../../model/rule/user.ts'
import type { ChangeEntry, Storage } from '../../storage/storage.ts'
import { userType } from '../sight.ts'
import { isActive } from './assign.ts'

/** By id; `undefined` for who is inactive. Without their groups at the identity provider. */
export type Crowd = ReadonlyMap<string, RuleUser | undefined>

type Kept = Pick<Storage, 'view' | 'store' | 'onApplied'>

/** Organizations and people kept, of some 500 bytes each. */
const crowdsMax = 64
const peopleMax = 250_000

interface Building {
  readonly crowd: Map<string, RuleUser | undefined>
  readonly built: Promise<Crowd>
  /** Ids that commits touched while it was built: what the scan says of them is old. */
  touched: Set<string> | undefined
}

export class People {
  readonly #storage: Kept
  readonly #kept = new Lru<string, Building>(crowdsMax, {
    weightMax: peopleMax,
    weigh: ({ crowd }) => crowd.size + 1,
  })

  constructor(storage: Kept) {
    this.#storage = storage
    storage.onApplied((store, entry) => this.#follow(store, entry))
  }

  /** @throws Fault store_id_not_found */
  of(store: string): Promise<Crowd> {
    const kept = this.#kept.get(store) ?? this.#build(store)
    // Weighed anew: it grows.
    this.#kept.set(store, kept)
    return kept.built
  }

  /** Begins to, and waits for nothing: what fails fails for whoever asks. */
  warm(store: string): void {
    this.of(store).catch(() => {})
  }

  #build(store: string): Building {
    const crowd = new Map<string, RuleUser | undefined>()
    const touched = new Set<string>()
    // In the turn in which it begins to be told: nothing is missed between the two.
    const view = this.#storage.view(store).pin()
    const fill = async (): Promise<Crowd> => {
      for await (const rows of view.allEntities(userType)) {
        for (const { id, attributes } of rows) if (!touched.has(id)) enter(crowd, id, attributes)
      }
      return crowd
    }
    const kept: Building = { crowd, touched, built: fill().finally(() => view.release()) }
    kept.built.then(
      () => {
        kept.touched = undefined
      },
      () => this.#kept.delete(store),
    )
    return kept
  }

  #follow(store: string, { entities = [] }: ChangeEntry): void {
    if (entities.length === 0) return
    const kept = this.#kept.peek(store)
    if (kept === undefined) return
    const begin = `${userType}:`
    for (const { entity } of entities) {
      if (!entity.startsWith(begin)) continue
      const id = entity.slice(begin.length)
      kept.touched?.add(id)
      const now = this.#storage.store(store) && this.#storage.view(store).entity(userType, id)
      if (now === undefined) kept.crowd.delete(id)
      else enter(kept.crowd, id, now.attributes)
    }
  }
}

const noGroups: readonly string[] = []

function enter(crowd: Map<string, RuleUser | undefined>, id: string, attributes: JsonObject): void {
  crowd.set(id, isActive(attributes) ? ruleUser(attributes, noGroups) : undefined)
}
