import { expect, test } from 'vitest'
import { ModelIds } from '../../src/service/model-ids.ts'
import { noon, refusal, refusedAs, world } from './world.ts'

test('a model reads back by its id, and as the latest', async () => {
  const { kith, store, model } = await world()
  const latest = await kith.model({ store })
  expect(latest.id).toBe(model)
  expect(await kith.model({ store, id: model })).toEqual(latest)
  expect(await refusedAs(kith.model({ store, id: 'nix' }))).toBe('authorization_model_not_found')
})

test('an invalid model is refused and nothing is written', async () => {
  const { kith, store, model } = await world()
  const json = {
    schema_version: '1.1',
    type_definitions: [{ type: 'a', relations: { b: { this: {} } }, metadata: null }],
  }
  expect(await refusal(kith.writeModel({ store, json }))).toMatch(/^invalid_authorization_model: /)
  expect((await kith.models({ store })).models.map(({ id }) => id)).toEqual([model])
})

test('ids only grow, also when written at once and when the clock steps back; the list is newest first', async () => {
  const { kith, store, model, clock } = await world()
  const { json } = await kith.model({ store })
  const written = [model]
  for (const step of [0, -60_000, 5, 5]) {
    clock.now += step
    const both = await Promise.all([kith.writeModel({ store, json }), kith.writeModel({ store, json })])
    written.push(...both.map(({ id }) => id))
  }
  expect(written).toEqual(written.toSorted())
  expect(new Set(written).size).toBe(9)
  expect((await kith.model({ store })).id).toBe(written.at(-1))
  const listed: string[] = []
  let continuationToken = ''
  do {
    const page = await kith.models({ store, pageSize: 2, continuationToken })
    listed.push(...page.models.map(({ id }) => id))
    continuationToken = page.continuationToken
  } while (continuationToken !== '')
  expect(listed).toEqual(written.toReversed())
})

test('an id is greater than the latest of the store, though it was made by a clock ahead', () => {
  const ahead = new ModelIds().next(noon + 1e9, undefined)
  const ids = new ModelIds()
  const made = [ids.next(noon, ahead), ids.next(noon, undefined), ids.next(noon - 5, undefined)]
  expect([ahead, ...made]).toEqual([ahead, ...made].toSorted())
  expect(new Set(made).size).toBe(3)
})
