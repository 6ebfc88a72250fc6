/** Run by import-crash.test.ts: imports the same lines into the store of a folder, and says how far it is known to be. */
import { writeSync } from 'node:fs'
import { parseDsl } from '../../src/model/dsl.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'

const [path = '', lines = '0'] = process.argv.slice(2)
const storage = await openStorage({ path })
const kith = kithOver(storage, {})
let store = (await kith.stores({})).stores[0]?.id
if (store === undefined) {
  store = (await kith.createStore('one')).id
  const dsl = 'model\n  schema 1.1\ntype user\ntype doc\n  relations\n    define viewer: [user]'
  await kith.writeModel({ store, json: await parseDsl(dsl) })
}
writeSync(1, `store ${store}\n`)

async function* tuples() {
  for (let i = 0; i < Number(lines); i++) {
    yield { object: `doc:${i % 3000}`, relation: 'viewer', subject: `user:${Math.floor(i / 7)}` }
  }
}
const { written, skipped } = await kith.importTuples({ store }, tuples(), (sofar) =>
  writeSync(1, `sofar ${sofar.written + sofar.skipped}\n`),
)
await storage.close()
writeSync(1, `done ${written + skipped}\n`)
