/**
 * The door for callers in the same process: opens a folder, holds the service over it, lets nothing unshaped through,
 * and closes. It decides nothing, listens nowhere, logs nothing, and starts nothing before it is called.
 */
import { Fault, faultOf } from '../lib/fault.ts'
import type { Guard } from '../service/guarded.ts'
import type { Kith as Service } from '../service/kith.ts'
import { kithOver } from '../service/open.ts'
import type { Answer, DifferenceAnswer, ImportAnswer, WriteAnswer } from '../service/requests.ts'
import { openStorage } from '../storage/open.ts'
import type { View } from '../storage/storage.ts'
import * as decode from './decode.ts'
import type { Kith, OpenOptions } from './kith.ts'
import { Life } from './life.ts'
import { historyOf, Watching } from './log.ts'
import { settled } from './options.ts'
import type { BatchCheckResult, DryRun, WriteModelRequest, WriteRequest } from './requests.ts'

/**
 * Opens a data folder, which nobody else may have open, or a memory of its own.
 * @throws Fault validation_error: an option that cannot be used; unavailable: why the folder cannot be opened
 */
export async function openKith(options: OpenOptions): Promise<Kith> {
  const { place, bounds } = settled(options)
  const life = new Life()
  const storage = await openStorage(place, { onFatal: (error) => life.fail(error) }).catch(refuse)
  const service = kithOver(storage, { ...bounds, unready: () => life.over, guardOf })
  return doorTo(service, life, () => storage.close())
}

/** How the store of an organization is known: an entity of this type, by the store's own id. */
const organizationEntity = '@organization'

/** INVARIANT: what an organization's management guards is not changed past it; this door has no management. */
function guardOf(view: View): Guard | undefined {
  return view.entity(organizationEntity, view.store) === undefined ? undefined : refuseOrganization
}

async function refuseOrganization(): Promise<never> {
  throw new Fault(
    'forbidden',
    'the store is an organization: its tuples and models are changed over HTTP, where its management guards them',
  )
}

/** Every method reads its request within the turn, before anything is awaited. */
function doorTo(service: Service, life: Life, closeStorage: () => Promise<void>): Kith {
  const close = () => {
    const ended = life.end(closeStorage)
    service.endWatches(life.over ?? 'kith is closed')
    return ended
  }
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

    write: writing(service, life),
    read: (request) => life.during(() => service.read(decode.readRequest(request))),
    changes: (request) => life.during(() => service.changes(decode.changesRequest(request))),
    history: (request) => life.during(() => historyOf(service, life, decode.historyRequest(request))),
    watch: (request) =>
      life.during(async () => {
        const { pages, ...answer } = await service.watch(decode.watchRequest(request))
        return { ...answer, changes: new Watching(pages) }
      }),
    storeChanges: (request = {}) =>
      life.during(() => service.storeChanges(decode.storeChangesRequest(request))),
    importTuples: (request, tuples, progress) => importing(service, life, request, tuples, progress),
    exportTuples: (request) =>
      life.during(async () => {
        const { tuples, ...answer } = await service.exportTuples(decode.exportRequest(request))
        return { ...answer, tuples: life.stream(tuples) }
      }),

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

/** What storage says to an operator, as a refusal. */
function refuse(thrown: unknown): never {
  if (thrown instanceof Fault) throw thrown
  throw new Fault('unavailable', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}
