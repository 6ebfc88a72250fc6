/** The official OpenFGA SDK, unchanged, doing everything it can against a running server. */
import {
  ClientWriteRequestOnDuplicateWrites,
  ClientWriteRequestOnMissingDeletes,
  ClientWriteStatus,
  ConsistencyPreference,
  FgaApiNotFoundError,
  FgaApiValidationError,
  OpenFgaClient,
  TypeName,
} from '@openfga/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../http/server.ts'

let server: Server
let client: OpenFgaClient
let model: string

const anne = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const bob = { user: 'user:bob', relation: 'viewer', object: 'document:2' }
const eng = { user: 'group:eng#member', relation: 'viewer', object: 'document:1' }

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

beforeEach(async () => {
  const { id } = await clientOf().createStore({ name: 'sdk store' })
  client = clientOf(id)
  model = (await client.writeAuthorizationModel(modelJson)).authorization_model_id
  client = clientOf(id, model)
  await client.writeTuples([anne, eng, { user: 'user:carl', relation: 'member', object: 'group:eng' }])
})

function clientOf(storeId?: string, authorizationModelId?: string): OpenFgaClient {
  return new OpenFgaClient({
    apiUrl: server.url,
    ...(storeId === undefined ? {} : { storeId }),
    ...(authorizationModelId === undefined ? {} : { authorizationModelId }),
    retryParams: { maxRetry: 0 },
  })
}

describe('stores', () => {
  test('are created, got, listed by name, paged and deleted', async () => {
    const created = await client.createStore({ name: 'a store of its own' })
    expect(created.name).toBe('a store of its own')
    expect(await client.getStore({ storeId: created.id })).toMatchObject({
      id: created.id,
      name: created.name,
    })
    const named = await client.listStores({ name: 'a store of its own' })
    expect(named.stores.map((store) => store.id)).toEqual([created.id])
    const first = await client.listStores({ pageSize: 1 })
    expect(first.stores).toHaveLength(1)
    const second = await client.listStores({ pageSize: 1, continuationToken: first.continuation_token })
    expect(second.stores[0]?.id).not.toBe(first.stores[0]?.id)
    await client.deleteStore({ storeId: created.id })
    await expect(client.getStore({ storeId: created.id })).rejects.toThrow(FgaApiNotFoundError)
  })
})

describe('models', () => {
  test('are read by id, as the latest and as a list, as they were written', async () => {
    const read = await client.readAuthorizationModel()
    expect(read.authorization_model).toMatchObject({ id: model, ...modelJson })
    const later = await client.writeAuthorizationModel(modelJson)
    const latest = await client.readLatestAuthorizationModel()
    expect(latest.authorization_model?.id).toBe(later.authorization_model_id)
    const all = await client.readAuthorizationModels()
    expect(all.authorization_models.map(({ id }) => id)).toEqual([later.authorization_model_id, model])
    const page = await client.readAuthorizationModels({ pageSize: 1 })
    expect(page.authorization_models).toHaveLength(1)
    expect(page.continuation_token).not.toBe('')
  })

  test('that make no sense are refused as the SDK expects', async () => {
    const broken = { ...modelJson, type_definitions: [{ type: 'this', relations: {} }] }
    await expect(client.writeAuthorizationModel(broken)).rejects.toThrow(FgaApiValidationError)
  })
})

describe('writing', () => {
  test('one transaction', async () => {
    const done = await client.write({ writes: [bob], deletes: [anne] })
    expect(done.writes[0]?.status).toBe(ClientWriteStatus.SUCCESS)
    expect(done.deletes[0]?.status).toBe(ClientWriteStatus.SUCCESS)
    expect((await client.check(bob)).allowed).toBe(true)
    expect((await client.check(anne)).allowed).toBe(false)
  })

  test('a transaction that fails changes nothing', async () => {
    await expect(client.write({ writes: [bob, anne] })).rejects.toThrow(FgaApiValidationError)
    expect((await client.check(bob)).allowed).toBe(false)
  })

  test('chunks report each tuple', async () => {
    const done = await client.write(
      { writes: [bob, anne], deletes: [{ ...bob, user: 'user:zoe' }] },
      { transaction: { disable: true, maxPerChunk: 1 } },
    )
    expect(done.writes.map(({ status }) => status)).toEqual([
      ClientWriteStatus.SUCCESS,
      ClientWriteStatus.FAILURE,
    ])
    expect(done.deletes.map(({ status }) => status)).toEqual([ClientWriteStatus.FAILURE])
  })

  test('duplicates and missing ones are ignored when asked to', async () => {
    await client.writeTuples([anne, bob], {
      conflict: { onDuplicateWrites: ClientWriteRequestOnDuplicateWrites.Ignore },
    })
    await client.deleteTuples([{ ...bob, user: 'user:zoe' }, bob], {
      conflict: { onMissingDeletes: ClientWriteRequestOnMissingDeletes.Ignore },
    })
    expect((await client.read()).tuples).toHaveLength(3)
  })
})

describe('reading', () => {
  test('everything, by filter, in pages', async () => {
    const all = await client.read()
    expect(all.tuples).toHaveLength(3)
    expect(all.continuation_token).toBe('')
    const some = await client.read({ object: 'document:1', relation: 'viewer', user: 'user:anne' })
    expect(some.tuples.map(({ key }) => key)).toEqual([{ ...anne, condition: null }])
    const first = await client.read({}, { pageSize: 2 })
    const second = await client.read({}, { pageSize: 2, continuationToken: first.continuation_token })
    expect([...first.tuples, ...second.tuples].map(({ key }) => key.user).sort()).toEqual(
      all.tuples.map(({ key }) => key.user).sort(),
    )
  })

  test('changes, by type and from an instant, and again from their token', async () => {
    const { changes, continuation_token = '' } = await client.readChanges({ type: 'document' })
    expect(changes.map(({ tuple_key, operation }) => [tuple_key.user, operation])).toEqual([
      ['user:anne', 'TUPLE_OPERATION_WRITE'],
      ['group:eng#member', 'TUPLE_OPERATION_WRITE'],
    ])
    const later = await client.readChanges({ type: 'document' }, { continuationToken: continuation_token })
    expect(later).toMatchObject({ changes: [], continuation_token })
    await client.deleteTuples([anne])
    const then = await client.readChanges({ type: 'document' }, { continuationToken: continuation_token })
    expect(then.changes.map(({ operation }) => operation)).toEqual(['TUPLE_OPERATION_DELETE'])
    const since = await client.readChanges({ type: 'document', startTime: '2020-01-01T00:00:00Z' })
    expect(since.changes).toHaveLength(3)
  })
})

describe('asking', () => {
  test('check, with context, contextual tuples and consistency', async () => {
    expect(await client.check(anne)).toMatchObject({ allowed: true, resolution: '' })
    expect((await client.check({ ...anne, user: 'user:carl' })).allowed).toBe(true)
    expect((await client.check(bob)).allowed).toBe(false)
    expect((await client.check({ ...bob, contextualTuples: [bob] })).allowed).toBe(true)
    const strong = await client.check(anne, { consistency: ConsistencyPreference.HigherConsistency })
    expect(strong.allowed).toBe(true)
    const small = { ...bob, condition: { name: 'small', context: { limit: 10 } } }
    const conditional = (size: number) =>
      client.check({ ...bob, contextualTuples: [small], context: { size } })
    expect((await conditional(9)).allowed).toBe(true)
    expect((await conditional(11)).allowed).toBe(false)
    await expect(client.check({ ...bob, contextualTuples: [small] })).rejects.toThrow(FgaApiValidationError)
  })

  test('batchCheck on the server', async () => {
    const { result } = await client.batchCheck({
      checks: [
        { ...anne, correlationId: 'one' },
        { ...bob, correlationId: 'two' },
        { ...anne, relation: 'nothing', correlationId: 'three' },
      ],
    })
    const byId = new Map(result.map((each) => [each.correlationId, each]))
    expect([byId.get('one')?.allowed, byId.get('two')?.allowed]).toEqual([true, false])
    expect(byId.get('three')?.error?.input_error).toBe('validation_error')
  })

  test('clientBatchCheck and listRelations, many checks at once', async () => {
    const { result } = await client.clientBatchCheck([anne, bob])
    expect(result.map(({ allowed }) => allowed)).toEqual([true, false])
    const { user, object } = anne
    const { relations } = await client.listRelations({ user, object, relations: ['viewer', 'owner'] })
    expect(relations).toEqual(['viewer'])
  })

  test('expand', async () => {
    const { tree } = await client.expand({ relation: 'viewer', object: 'document:1' })
    expect(tree?.root).toEqual({
      name: 'document:1#viewer',
      union: {
        nodes: [
          { name: 'document:1#viewer', leaf: { users: { users: ['group:eng#member', 'user:anne'] } } },
          { name: 'document:1#viewer', leaf: { computed: { userset: 'document:1#owner' } } },
        ],
      },
    })
  })

  test('listObjects and streamedListObjects', async () => {
    const question = { user: 'user:carl', relation: 'viewer', type: 'document' }
    expect(await client.listObjects(question)).toMatchObject({ objects: ['document:1'] })
    const streamed: string[] = []
    for await (const { object } of client.streamedListObjects(question)) streamed.push(object)
    expect(streamed).toEqual(['document:1'])
  })

  test('listUsers', async () => {
    const question = { object: { type: 'document', id: '1' }, relation: 'viewer' }
    const { users } = await client.listUsers({ ...question, user_filters: [{ type: 'user' }] })
    expect(users.map(({ object }) => object)).toEqual([
      { type: 'user', id: 'anne' },
      { type: 'user', id: 'carl' },
    ])
    const groups = await client.listUsers({
      ...question,
      user_filters: [{ type: 'group', relation: 'member' }],
    })
    expect(groups.users).toEqual([{ userset: { type: 'group', id: 'eng', relation: 'member' } }])
  })

  test('assertions', async () => {
    await client.writeAssertions([{ ...anne, expectation: true }])
    const { assertions } = await client.readAssertions()
    expect(assertions).toMatchObject([{ tuple_key: anne, expectation: true }])
  })
})

const direct = { this: {} }
const modelJson = {
  schema_version: '1.1',
  type_definitions: [
    { type: 'user', relations: {} },
    {
      type: 'group',
      relations: { member: direct },
      metadata: { relations: { member: { directly_related_user_types: [{ type: 'user' }] } } },
    },
    {
      type: 'document',
      relations: {
        owner: direct,
        viewer: { union: { child: [direct, { computedUserset: { relation: 'owner' } }] } },
      },
      metadata: {
        relations: {
          owner: { directly_related_user_types: [{ type: 'user' }] },
          viewer: {
            directly_related_user_types: [
              { type: 'user' },
              { type: 'user', condition: 'small' },
              { type: 'group', relation: 'member' },
            ],
          },
        },
      },
    },
  ],
  conditions: {
    small: {
      name: 'small',
      expression: 'size < limit',
      parameters: {
        size: { type_name: TypeName.Int },
        limit: { type_name: TypeName.Int },
      },
    },
  },
}
