/**
 * The door for callers in the same process: every method of the service by the shapes of this room, while it is open. It
 * decides nothing, and lets nothing unshaped through.
 */
import { faultOf } from '../lib/fault.ts'
import type { Kith as Service } from '../service/kith.ts'
import type { Answer, DifferenceAnswer, ImportAnswer, WriteAnswer } from '../service/requests.ts'
import * as decode from './decode.ts'
import type { Kith } from './kith.ts'
import type { Life } from './life.ts'
import { historyOf, Watching } from './log.ts'
import type { BatchCheckResult, DryRun, WriteModelRequest, WriteRequest } from './requests.ts'

/** Every method reads its request within the turn, before anything is awaited. @param closeStorage - once, when the last request has ended */
export function doorTo(service: Service, life: Life, closeStorage: () => Promise<void>): Kith {
  const close = () => {
    const ended = life.end(closeStorage)
    service.endWatches(life.over ?? 'kith is closed')
    return ended
  }
  return {
    ...questions(service, life),
    ...tuples(service, life),
    ...changes(service, life),
    ...stores(service, life),
    ...models(service, life),
    get memory() {
      return service.memory
    },
    get unready() {
      return service.unready
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function questions(service: Service, life: Life) {
  return {
    check: (request) => life.during(() => service.check(decode.checkRequest(request))),
    batchCheck: (request) =>
      life.during(async () => {
        const { results, ...answer } = await service.batchCheck(decode.batchCheckRequest(request))
        return { ...answer, results: [...results.values()].map(resultOf) }
      }),
    expand: (request) => life.during(() => service.expand(decode.expandRequest(request))),
    expandAll: (request) => life.during(() => service.expandAll(decode.expandAllRequest(request))),
    explain: (request) => life.during(() => service.explain(decode.explainRequest(request))),
    listObjects: (request) => life.during(() => service.listObjects(decode.listObjectsRequest(request))),
    streamListObjects: (request) =>
      life.during(async () => {
        const { objects, ...answer } = await service.streamListObjects(
          decode.streamListObjectsRequest(request),
        )
        return { ...answer, objects: life.stream(objects) }
      }),
    listUsers: (request) => life.during(() => service.listUsers(decode.listUsersRequest(request))),
  } satisfies Partial<Kith>
}

function tuples(service: Service, life: Life) {
  return {
    write: writing(service, life),
    read: (request) => life.during(() => service.read(decode.readRequest(request))),
    importTuples: (request, tuples, progress) => importing(service, life, request, tuples, progress),
    exportTuples: (request) =>
      life.during(async () => {
        const { tuples, ...answer } = await service.exportTuples(decode.exportRequest(request))
        return { ...answer, tuples: life.stream(tuples) }
      }),
  } satisfies Partial<Kith>
}

function changes(service: Service, life: Life) {
  return {
    changes: (request) => life.during(() => service.changes(decode.changesRequest(request))),
    history: (request) => life.during(() => historyOf(service, life, decode.historyRequest(request))),
    watch: (request) =>
      life.during(async () => {
        const { pages, ...answer } = await service.watch(decode.watchRequest(request))
        return { ...answer, changes: new Watching(pages) }
      }),
    storeChanges: (request = {}) =>
      life.during(() => service.storeChanges(decode.storeChangesRequest(request))),
  } satisfies Partial<Kith>
}

function stores(service: Service, life: Life) {
  return {
    createStore: (name, by) =>
      life.during(() =>
        service.createStore(decode.storeName(name, 'createStore'), decode.storeProvenance(by, 'createStore')),
      ),
    store: (id) => life.during(() => service.store(decode.storeId(id, 'store'))),
    stores: (request = {}) => life.during(() => service.stores(decode.storesRequest(request))),
    renameStore: (id, name, by) =>
      life.during(() =>
        service.renameStore(
          decode.storeId(id, 'renameStore'),
          decode.storeName(name, 'renameStore'),
          decode.storeProvenance(by, 'renameStore'),
        ),
      ),
    deleteStore: (id, by) =>
      life.during(() =>
        service.deleteStore(decode.storeId(id, 'deleteStore'), decode.storeProvenance(by, 'deleteStore')),
      ),
  } satisfies Partial<Kith>
}

function models(service: Service, life: Life) {
  return {
    writeModel: modelWriting(service, life),
    model: (request) =>
      life.during(async () => {
        const { json, ...answer } = await service.model(decode.modelRequest(request))
        // The service answers with the JSON it keeps, which is not the caller's to change.
        return { ...answer, json: structuredClone(json) }
      }),
    models: (request) => life.during(() => service.models(decode.modelsRequest(request))),
    writeAssertions: (request) =>
      life.during(() => service.writeAssertions(decode.writeAssertionsRequest(request))),
    assertions: (request) => life.during(() => service.assertions(decode.assertionsRequest(request))),
  } satisfies Partial<Kith>
}

function writing(service: Service, life: Life): Kith['write'] {
  function write(request: WriteRequest): Promise<WriteAnswer>
  function write(request: DryRun<WriteRequest>): Promise<DifferenceAnswer>
  function write(value: WriteRequest): Promise<WriteAnswer | DifferenceAnswer> {
    return life.during((): Promise<WriteAnswer | DifferenceAnswer> => {
      const { request, dryRun } = decode.writeRequest(value)
      if (dryRun === undefined) return service.write(request)
      return service.difference({ ...dryRun, change: { kind: 'write', request } })
    })
  }
  return write
}

function modelWriting(service: Service, life: Life): Kith['writeModel'] {
  type Made = Answer & { readonly id: string }
  function writeModel(request: WriteModelRequest): Promise<Made>
  function writeModel(request: DryRun<WriteModelRequest>): Promise<DifferenceAnswer>
  function writeModel(value: WriteModelRequest): Promise<Made | DifferenceAnswer> {
    return life.during(async (): Promise<Made | DifferenceAnswer> => {
      const { request, dryRun } = await decode.writeModelRequest(value)
      if (dryRun === undefined) return await service.writeModel(request)
      return await service.difference({ ...dryRun, change: { kind: 'model', request } })
    })
  }
  return writeModel
}

/** The end does not wait for an import, whose source may: its next commit is refused, and it says how far it came. */
async function importing(
  service: Service,
  life: Life,
  ...[request, tuples, progress]: Parameters<Kith['importTuples']>
): Promise<ImportAnswer> {
  try {
    life.demand()
    const asked = decode.importRequest(request)
    const source = life.stream(decode.tuplesOf(tuples))
    return await service.importTuples(asked, source, decode.progressOf(progress))
  } catch (thrown) {
    throw faultOf(thrown)
  }
}

function resultOf(result: boolean | Error): BatchCheckResult {
  return typeof result === 'boolean' ? { allowed: result } : { allowed: false, fault: faultOf(result) }
}
