/** What bounds a page: its size, the end of time, and the relations that matter. What is in it is test/property's affair. */
import { expect, test } from 'vitest'
import { type DifferenceQuestion, difference } from '../../src/engine/difference.ts'
import { Fault } from '../../src/lib/fault.ts'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import type { Edges } from '../../src/storage/storage.ts'
import { printTuple, type Tuple } from '../../src/tuple/tuple.ts'
import { ArrayView } from '../property/array-view.ts'

const model = compileModel(
  'm',
  await parseDsl(`model
  schema 1.1
type user
type group
  relations
    define member: [user]
type bot
  relations
    define owner: [user, group#member]
    define viewer: [user] or owner
`),
)

const t = (object: string, relation: string, subject: string): Tuple => ({ object, relation, subject })
const ann = t('group:g', 'member', 'user:ann')
const bots = [1, 2, 3].map((n) => t(`bot:${n}`, 'owner', 'group:g#member'))

/** A state that runs out of time where it is asked about one object. */
class Late extends ArrayView {
  readonly #at: string | undefined

  constructor(tuples: readonly Tuple[], at?: string) {
    super(tuples, 0, { spread: false })
    this.#at = at
  }

  override edges(object: string, relation: string): Edges {
    if (object === this.#at) throw new Fault('deadline_exceeded', 'late')
    return super.edges(object, relation)
  }
}

function question(lateAt?: string): DifferenceQuestion {
  const bounds = { contextual: [], context: {}, depthMax: Infinity, deadline: Infinity }
  const view = new ArrayView(bots, 0, { spread: false })
  return {
    view,
    before: { ...bounds, model, view },
    after: { ...bounds, model, view: new Late([...bots, ann], lateAt) },
    changes: [{ operation: 'write', tuple: ann }],
    size: 100,
    deadline: Infinity,
  }
}

test('time that is over ends a page, and the next one goes on from there', async () => {
  const page = await difference(question('bot:3'))
  expect(page.rows.map(printTuple)).toEqual([
    'bot:1#owner@user:ann',
    'bot:1#viewer@user:ann',
    'bot:2#owner@user:ann',
    'bot:2#viewer@user:ann',
  ])
  expect([page.truncated, page.next]).toEqual([true, t('bot:2', 'viewer', 'user:ann')])
  // A full page is a full page, whatever came after it.
  expect(await difference({ ...question('bot:3'), size: 4 })).toMatchObject({
    truncated: false,
    next: page.next,
  })
  const rest = await difference({ ...question(), from: page.next })
  expect(rest.rows.map(printTuple)).toEqual([
    'bot:3#owner@user:ann',
    'bot:3#viewer@user:ann',
    'group:g#member@user:ann',
  ])
  expect([rest.truncated, rest.next]).toEqual([false, undefined])
})

test('time that is over before anything was compared is a fault', async () => {
  await expect(difference(question('bot:1'))).rejects.toMatchObject({ code: 'deadline_exceeded' })
  const from = t('bot:2', 'viewer', 'user:ann')
  await expect(difference({ ...question('bot:3'), from })).rejects.toMatchObject({
    code: 'deadline_exceeded',
  })
})

test('only relations that matter have rows', async () => {
  const relationsOf = (type: string) => (type === 'bot' ? ['viewer'] : undefined)
  const { rows } = await difference({ ...question(), relationsOf })
  expect(rows.map(printTuple)).toEqual([
    'bot:1#viewer@user:ann',
    'bot:2#viewer@user:ann',
    'bot:3#viewer@user:ann',
    'group:g#member@user:ann',
  ])
})
