/** Imports a scenario into an empty folder through the service, in this process; how long it took is a figure. */
import { writeFileSync } from 'node:fs'
import { usage } from './lib/child.ts'
import { openTree, parseModel } from './lib/tree.ts'
import { scenarioOf } from './scenarios/catalog.ts'
import type { Scale } from './scenarios/scenario.ts'

const [name = '', scale = 'small', folder = '', record = ''] = process.argv.slice(2)
const scenario = scenarioOf(name)
const { kith, close } = await openTree(folder)
const { id: store } = await kith.createStore(name)
await kith.writeModel({ store, json: await parseModel(scenario.model) })

async function* tuples() {
  yield* scenario.at(scale as Scale).tuples()
}

const started = performance.now()
const { written } = await kith.importTuples({ store }, tuples())
const seconds = (performance.now() - started) / 1000
await close()
const made = { folder, store, tuples: written, seconds, peakMiB: usage(process.pid).peakMiB }
writeFileSync(record, JSON.stringify(made))
console.log(JSON.stringify(made))
