/** Run by sweep.ts: writes tuples that expire soon beside some that stay, sweeps all the time, and says what was acknowledged. */
import { writeSync } from 'node:fs'
import { openStorage } from '../../src/storage/open.ts'
import type { Told } from './sweep.ts'

const [path = '', round = ''] = process.argv.slice(2)
const storage = await openStorage({ path }, { sweepEveryMs: 2 })
const stores = await Promise.all([1, 2].map((i) => storage.createStore(`sweep-${round}-${i}`)))

storage.onApplied((_, { provenance }) => {
  if (provenance?.source === 'expiry') writeSync(1, 'swept\n')
})

/** So many that a head spreads, and more than one job sweeps; or few, in heads that lie inline. */
const counts = [3, 40, 2500, 700]

await Promise.all(
  stores.map(async ({ id: store }, s) => {
    for (let i = 0; ; i++) {
      const name = `${round}-${s}-${i}`
      const expiresAt = Date.now() + 5 + ((i * 7) % 50)
      const count = counts[i % counts.length] ?? 1
      const expiring = Array.from({ length: count }, (_, j) => ({
        object: `doc:${name}`,
        relation: 'viewer',
        subject: j % 3 === 0 ? `group:${j}#member` : `user:${j}`,
        expiresAt,
      }))
      const kept = { object: `doc:${name}`, relation: 'viewer', subject: 'user:stays' }
      await storage.commit(store, { writes: [...expiring, kept] })
      writeSync(1, `${JSON.stringify({ store, object: kept.object, count, expiresAt } satisfies Told)}\n`)
    }
  }),
)
