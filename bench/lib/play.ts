/**
 * Clients that write and check at random, on few objects, so that they meet; everything is noted for judge.ts. How a
 * write and a check are asked is the caller's: over HTTP or in process.
 */
import { printTuple, type TupleKey } from '../../src/tuple/tuple.ts'
import { randomFrom } from '../scenarios/draw.ts'
import { tuple } from '../scenarios/scenario.ts'
import type { Asked, Change } from './judge.ts'

/** Both answer with the zookie of what they did. */
export interface Table {
  write(change: Omit<Change, 'zookie'>): Promise<string>
  check(
    about: TupleKey,
    atLeastAsFresh: string | undefined,
  ): Promise<{ readonly allowed: boolean; readonly zookie: string }>
}

export interface Played {
  /** In the order of their acknowledgements. */
  readonly changes: readonly Change[]
  readonly answers: readonly Asked[]
}

const names = 6

/** Each step a write and a check; `clients` at once. */
export async function play(
  table: Table,
  { clients, steps, seed = 1 }: { clients: number; steps: number; seed?: number },
): Promise<Played> {
  const game = new Game(table)
  const turns = Math.floor(steps / clients)
  await Promise.all(Array.from({ length: clients }, (_, client) => game.client(seed + client, turns)))
  return game
}

class Game implements Played {
  readonly changes: Change[] = []
  readonly answers: Asked[] = []
  readonly #table: Table
  /** As far as acknowledgements tell. */
  readonly #present = new Set<string>()

  constructor(table: Table) {
    this.#table = table
  }

  async client(seed: number, turns: number): Promise<void> {
    const random = randomFrom(seed)
    for (let turn = 0; turn < turns; turn++) {
      const { changed, about } = draw(random)
      const zookie = await this.#change(changed)
      await this.#ask(about, random() < 0.5 ? zookie : undefined)
    }
  }

  /** Nearly always the opposite of what is there: changes that change nothing tell nothing. */
  async #change(changed: TupleKey): Promise<string> {
    const name = printTuple(changed)
    const operation = this.#present.has(name) ? 'delete' : 'write'
    const zookie = await this.#table.write({ operation, tuple: changed })
    this.changes.push({ operation, tuple: changed, zookie })
    if (operation === 'write') this.#present.add(name)
    else this.#present.delete(name)
    return zookie
  }

  async #ask(about: TupleKey, atLeastAsFresh: string | undefined): Promise<void> {
    const acknowledged = this.changes.length
    const { allowed, zookie } = await this.#table.check(about, atLeastAsFresh)
    this.answers.push({ tuple: about, allowed, zookie, acknowledged })
  }
}

function draw(random: () => number): { readonly changed: TupleKey; readonly about: TupleKey } {
  const some = (type: string) => `${type}:${Math.floor(random() * names)}`
  const otherThan = (group: string): string => {
    const other = some('group')
    return other === group ? otherThan(group) : other
  }
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  const [user, group, agent] = [some('user'), some('group'), some('agent')]
  const changed = pick([
    tuple(group, 'member', user),
    tuple(group, 'member', user),
    tuple(group, 'member', `${otherThan(group)}#member`),
    tuple(agent, 'editor', `${group}#member`),
    tuple(agent, 'viewer', user),
    tuple(agent, 'blocked', user),
  ])
  return { changed, about: pick([tuple(agent, 'can_use', user), tuple(group, 'member', user)]) }
}
