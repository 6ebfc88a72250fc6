/** Makes a Kith over a storage: the verbs of this room, held together. It starts nothing; sidecar.ts does. */
import { Residency } from '../engine/resident/residency.ts'
import type { Storage } from '../storage/storage.ts'
import { assertions, writeAssertions } from './assertions.ts'
import { batchCheck } from './batch-check.ts'
import { changes } from './changes.ts'
import { check } from './check.ts'
import { Cursors } from './cursor.ts'
import { Depths } from './depths.ts'
import { difference } from './difference.ts'
import { expand } from './expand.ts'
import { expandAll } from './expand-all.ts'
import { explain } from './explain.ts'
import { exportTuples } from './export.ts'
import type { Ground } from './ground.ts'
import { history, storeChanges } from './history.ts'
import { importTuples } from './import.ts'
import type { Kith } from './kith.ts'
import { listObjects, streamListObjects } from './list-objects.ts'
import { listUsers } from './list-users.ts'
import { memoryReport } from './memory-report.ts'
import { ModelCache } from './model-cache.ts'
import { ModelIds } from './model-ids.ts'
import { model, models, writeModel } from './models.ts'
import { defaults, type KithOptions } from './options.ts'
import { read } from './read.ts'
import { type Sampling, sampledChecks } from './sampled.ts'
import { Standings } from './standing.ts'
import { store, stores } from './stores.ts'
import { LogReader } from './stretch.ts'
import { Watches, watch } from './watch.ts'
import { write } from './write.ts'

/** The storage stays the caller's: close it after the last request. */
export function kithOver(storage: Storage, options: KithOptions = {}): Kith {
  return kithOn(groundOver(storage, options))
}

/** What the verbs stand on, and whatever else asks the graph beside them. */
export function groundOver(storage: Storage, options: KithOptions = {}): Ground {
  const settled = { ...defaults, ...options }
  const modelCache = new ModelCache(storage, settled.modelsCachedMax)
  const depths = new Depths(storage, settled)
  const residency = new Residency(storage, {
    bytesMax: settled.cacheBytesMax,
    windowMs: settled.cacheWindowMs,
    decisionBytesMax: settled.decisionBytesMax,
    sampleEvery: settled.sampleEvery,
    onMismatch: settled.onMismatch,
  })
  return {
    storage,
    options: settled,
    models: modelCache,
    modelIds: new ModelIds(),
    cursors: new Cursors(storage.key('cursor')),
    residency,
    depths,
    standings: new Standings(storage, modelCache, residency, depths),
    watches: new Watches(storage, settled.watchesMax),
    log: new LogReader(),
  }
}

/** @param sampling - of its checks; absent: nobody is shown any, and none costs more */
export function kithOn(ground: Ground, sampling?: Sampling): Kith {
  const { storage, options } = ground
  return {
    ...(sampling === undefined ? plainChecks(ground) : sampledChecks(ground, sampling)),
    expand: (request) => expand(ground, request),
    expandAll: (request) => expandAll(ground, request),
    explain: (request) => explain(ground, request),
    listObjects: (request) => listObjects(ground, request),
    streamListObjects: (request) => streamListObjects(ground, request),
    listUsers: (request) => listUsers(ground, request),

    write: (request) => write(ground, request),
    read: (request) => read(ground, request),
    changes: (request) => changes(ground, request),
    history: (request) => history(ground, request),
    watch: (request) => watch(ground, request),
    storeChanges: (request) => storeChanges(ground, request),
    endWatches: (why) => ground.watches.end(why),
    importTuples: (request, tuples, progress) => importTuples(ground, request, tuples, progress),
    difference: (request) => difference(ground, request),
    exportTuples: (request) => exportTuples(ground, request),
    backup: async () => storage.backup(),

    createStore: (name, provenance) => storage.createStore(name, undefined, provenance),
    store: async (id) => store(ground, id),
    stores: (request) => stores(ground, request),
    renameStore: (id, name, provenance) => storage.renameStore(id, name, provenance),
    async deleteStore(id, provenance) {
      await storage.deleteStore(id, provenance)
      ground.watches.wake(id)
    },

    writeModel: (request) => writeModel(ground, request),
    model: (request) => model(ground, request),
    models: (request) => models(ground, request),
    writeAssertions: (request) => writeAssertions(ground, request),
    assertions: (request) => assertions(ground, request),

    isGuarded: (store) => ground.depths.isGuarded(storage.view(store)),

    get memory() {
      return memoryReport(ground)
    },
    get watchCount() {
      return ground.watches.count
    },
    get storeCount() {
      return storage.storeCount
    },
    get unready() {
      return storage.unready ?? options.unready()
    },
  }
}

function plainChecks(ground: Ground): Pick<Kith, 'check' | 'batchCheck'> {
  return {
    check: (request) => check(ground, request),
    batchCheck: (request) => batchCheck(ground, request),
  }
}
